"""Checks a file of `multichexnet export` with ONNX's own checker, and runs it in Python.

    python -m venv VENV && VENV/bin/pip install onnx==1.23.2 onnxruntime==1.32.0 numpy
    VENV/bin/python tools/check-onnx.py model.onnx

The checker infers every shape (full_check). ONNX Runtime runs batches of noise: of 1 and of 3 where the file takes any, and an image must get the same
answer in both, to 1e-4. ONNX's reference evaluator, which is NumPy, says the same slowly: `--reference` runs it too. Ends with 1 when anything differs.
"""

import argparse
import sys

import numpy as np
import onnx
import onnxruntime

TOLERANCE = 1e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--reference", action="store_true")
    args = parser.parse_args()
    model = onnx.load(args.model)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(args.model, providers=["CPUExecutionProvider"])
    batch, *shape = session.get_inputs()[0].shape
    outputs = [output.name for output in session.get_outputs()]
    nodes = {}
    for node in model.graph.node:
        nodes[node.op_type] = nodes.get(node.op_type, 0) + 1
    print(f"opset {model.opset_import[0].version}, {len(model.graph.node)} nodes:", nodes)
    print({entry.key: entry.value[:70] for entry in model.metadata_props})

    images = np.random.default_rng(1).random((3, *shape), dtype=np.float32)
    run = lambda some: session.run(outputs, {"image": some})
    sizes = [1, 3] if isinstance(batch, str) else [batch]
    results = {size: run(images[:size] if size <= 3 else np.resize(images, (size, *shape))) for size in sizes}
    first = results[sizes[0]]
    worst = 0.0
    for size in sizes[1:]:
        worst = max(worst, *(float(np.abs(a[0] - b[0]).max()) for a, b in zip(results[size], first)))
    if args.reference:
        from onnx.reference import ReferenceEvaluator

        for wanted, got in zip(ReferenceEvaluator(model).run(outputs, {"image": images[: sizes[0]]}), first):
            worst = max(worst, float(np.abs(wanted - got).max()))
    print(dict(zip(outputs, [list(result.shape) for result in results[sizes[-1]]])), f"largest difference {worst:.1e}")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
