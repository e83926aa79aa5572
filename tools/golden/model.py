"""Golden numbers for layers, losses, heads and encoders, from PyTorch and torchvision.

Run with `python tools/golden/model.py [KERAS_MODEL_JSON_GZ]` (torch, torchvision, numpy, scikit-learn); the JSON files that it writes are committed beside the
tests that read them. The optional file is the layer graph of Keras' DenseNet-121 as the TensorFlow.js converter writes it.
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

ROOT = Path(__file__).resolve().parents[2] / "packages"


def write(path, value):
    file = ROOT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value) + "\n")
    print(file.relative_to(ROOT), file.stat().st_size)


def numbers(tensor, digits=7):
    return [float(f"{v:.{digits}g}") for v in tensor.detach().double().flatten().tolist()]


def masked_mean(values, known):
    mask = known * torch.ones_like(values)
    return (values * mask).sum() / mask.sum().clamp(min=1)


def case(output, target, known, loss):
    output = torch.tensor(output, dtype=torch.float64, requires_grad=True)
    target = torch.tensor(target, dtype=torch.float64)
    known = torch.tensor(known, dtype=torch.float64)
    value = loss(output, target, known)
    value.backward()
    return {
        "shape": list(output.shape),
        "targetShape": list(target.shape),
        "knownShape": list(known.shape),
        "output": numbers(output),
        "target": numbers(target),
        "known": numbers(known),
        "loss": value.item(),
        "gradient": numbers(output.grad),
    }


def losses():
    rng = np.random.default_rng(1)
    logits = np.round(rng.normal(0, 4, (3, 4)), 3)
    logits[0, 0], logits[1, 1], logits[2, 2] = 0, 60, -90
    labels = rng.integers(0, 2, (3, 4)).astype(float)
    known = np.array([[1, 1, 0, 1], [0, 1, 1, 0], [1, 0, 1, 1.0]])
    probabilities = np.round(rng.uniform(0.01, 0.99, (3, 4)), 3)
    column = np.array([[1], [0], [1.0]])
    bce = lambda o, t, k: masked_mean(F.binary_cross_entropy_with_logits(o, t, reduction="none"), k)
    bce_p = lambda o, t, k: masked_mean(F.binary_cross_entropy(o, t, reduction="none"), k)
    huber = lambda delta: lambda o, t, k: masked_mean(F.huber_loss(o, t, reduction="none", delta=delta), k)
    write(
        "core/src/nn/golden/losses.json",
        {
            "logits": case(logits, labels, known, bce),
            "logitsByRow": case(logits, labels, column, bce),
            "probabilities": case(probabilities, labels, known, bce_p),
            "huber": case(np.round(rng.normal(0, 2, (3, 1)), 3), np.round(rng.normal(0, 2, (3, 1)), 3), column, huber(1.0)),
            "huberNarrow": case(np.round(rng.normal(0, 2, (3, 4)), 3), np.zeros((3, 4)), column, huber(0.5)),
        },
    )


def batch_norm():
    rng = np.random.default_rng(2)
    x = torch.tensor(np.round(rng.normal(1, 2, (3, 2, 2, 2)), 3), dtype=torch.float64, requires_grad=True)  # NHWC
    layer = torch.nn.BatchNorm2d(2, eps=1.001e-5, momentum=0.1).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.5, 0.5]))
        layer.bias.copy_(torch.tensor([0.25, -1.0]))
    weights = torch.tensor(np.round(rng.normal(0, 1, (3, 2, 2, 2)), 3))
    y = layer(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    (y * weights).sum().backward()
    after = {"mean": numbers(layer.running_mean), "variance": numbers(layer.running_var)}
    layer.eval()
    write(
        "core/src/nn/golden/batch-norm.json",
        {
            "x": numbers(x),
            "gamma": [1.5, 0.5],
            "beta": [0.25, -1.0],
            "weights": numbers(weights),
            "y": numbers(y),
            "moving": after,
            "gradient": {"x": numbers(x.grad), "gamma": numbers(layer.weight.grad), "beta": numbers(layer.bias.grad)},
            "inference": numbers(layer(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)),
        },
    )


def cls_metrics():
    """Partially known labels of 3 classes; thresholds from a validation part, everything else on a test part (scikit-learn)."""
    from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve, roc_auc_score

    rng = np.random.default_rng(3)
    part = lambda n: {
        "scores": np.round(rng.uniform(0, 1, (n, 3)), 2),  # two digits: ties
        "labels": rng.integers(0, 2, (n, 3)),
        "known": (rng.uniform(0, 1, (n, 3)) < 0.7).astype(int),
    }
    validation, test = part(40), part(60)
    columns = lambda p: [(p["labels"][p["known"][:, c] == 1, c], p["scores"][p["known"][:, c] == 1, c]) for c in range(3)]
    thresholds = []
    for y, s in columns(validation):
        precision, recall, cuts = precision_recall_curve(y, s)
        f1 = 2 * precision[:-1] * recall[:-1] / np.maximum(precision[:-1] + recall[:-1], 1e-12)
        best = np.flatnonzero(np.isclose(f1, f1.max()))[-1]  # the highest of equals
        thresholds.append(float(cuts[best]))
    aurocs = [roc_auc_score(y, s) for y, s in columns(test)]
    aps = [average_precision_score(y, s) for y, s in columns(test)]
    calls = [(y, (s >= t).astype(int)) for (y, s), t in zip(columns(test), thresholds)]
    everything = [np.concatenate(x) for x in zip(*calls)]
    write(
        "head-cls/src/golden/metrics.json",
        {
            "validation": {k: v.tolist() for k, v in validation.items()},
            "test": {k: v.tolist() for k, v in test.items()},
            "thresholds": thresholds,
            "auroc": float(np.mean(aurocs)),
            "aurocs": aurocs,
            "ap": float(np.mean(aps)),
            "accuracy": float((everything[0] == everything[1]).mean()),
            "f1": float(np.mean([f1_score(y, c) for y, c in calls])),
            "f1/micro": float(f1_score(*everything)),
        },
    )


def detection():
    """Focal / BCE objectness and the squared box error on a 2x2 grid with 2 anchors; three images, the last of unknown boxes."""
    from torchvision.ops import sigmoid_focal_loss

    prior = float(np.log(0.2 / 0.8))
    rng = np.random.default_rng(4)
    raw = np.round(rng.normal(0, 1.5, (3, 2, 2, 2, 5)), 3)
    target = np.zeros((3, 2, 2, 2, 6))
    target[..., 5] = 1
    for place, box in (((0, 0, 1, 0), (0.2, 0.7, -0.3, 0.4)), ((0, 1, 1, 1), (0.9, 0.1, 0.2, 0.0)), ((2, 0, 0, 0), (0.5, 0.5, 1, 1))):
        target[place] = (*box, 1, 1)
    target[0, 0, 0, 0, 5] = 0  # overlaps a box: neither right nor wrong
    target[1, 1, 0, 1, 5] = 0
    known = torch.tensor([[1.0], [1], [0]], dtype=torch.float64)

    def loss(kind):
        def value(o, t, k):
            image = k.reshape(3, 1, 1, 1)
            obj = t[..., 4] * image
            if kind == "relu":
                box = torch.relu(o[..., :4] + torch.tensor([0.5, 0.5, 1, 1]))
            else:
                box = torch.cat([torch.sigmoid(o[..., :2]), o[..., 2:4]], -1)
            boxes = (t[..., 4].sum((1, 2, 3)).clamp(min=1) * k[:, 0]).sum()  # an image without any counts as one
            coordinates = (((box - t[..., :4]) ** 2).sum(-1) * obj).sum() / boxes
            if kind == "relu":
                return 5 * coordinates
            logit, label, counted = o[..., 4] + prior, t[..., 4], t[..., 5] * image
            if kind == "bce":
                entropy = F.binary_cross_entropy_with_logits(logit, label, reduction="none")
                return 5 * coordinates + (entropy * counted).sum() / counted.sum()
            focal = sigmoid_focal_loss(logit, label, alpha=0.25, gamma=2, reduction="none")
            return 5 * coordinates + (focal * counted).sum() / boxes

        return value

    write(
        "head-det/src/golden/loss.json",
        {
            "focal": case(raw, target, known.numpy(), loss("focal")),
            "bce": case(raw, target, known.numpy(), loss("bce")),
            "relu": case(raw[..., :4].copy(), target, known.numpy(), loss("relu")),
        },
    )


def suppression():
    """torchvision.ops.nms on random boxes."""
    from torchvision.ops import nms

    rng = np.random.default_rng(5)
    corner = np.round(rng.uniform(0, 60, (60, 2)), 1)
    side = np.round(rng.uniform(4, 40, (60, 2)), 1)
    score = np.round(rng.permutation(60) / 60, 4)
    xyxy = torch.tensor(np.concatenate([corner, corner + side], 1))
    keep = nms(xyxy, torch.tensor(score), 0.5).tolist()
    write("head-det/src/golden/nms.json", {"boxes": np.concatenate([corner, side], 1).tolist(), "scores": score.tolist(), "keep": keep})


def segmentation():
    rng = np.random.default_rng(6)
    logits = np.round(rng.normal(0, 3, (3, 3, 3, 1)), 3)
    target = rng.integers(0, 2, (3, 3, 3, 1)).astype(float)
    target[1] = 0
    known = np.array([[1], [1], [0.0]])

    def dice(o, t, k):
        p = torch.sigmoid(o)
        total = lambda x: x.sum((1, 2, 3)).reshape(3, 1)
        loss = 1 - (2 * total(p * t) + 1) / (total(p) + total(t) + 1)
        return (loss * k).sum() / k.sum()

    def bce(o, t, k):
        return masked_mean(F.binary_cross_entropy_with_logits(o, t, reduction="none"), k.reshape(3, 1, 1, 1))

    write(
        "head-seg/src/golden/loss.json",
        {
            "bce": case(logits, target, known, bce),
            "dice": case(logits, target, known, dice),
            "bce+dice": case(logits, target, known, lambda o, t, k: bce(o, t, k) + dice(o, t, k)),
        },
    )


def stream(seed, name):
    """The counter-based generator of core/src/nn/counter-random.ts, vectorised."""

    def mix(h):
        h = h ^ (h >> np.uint32(16))
        h = h * np.uint32(0x85EBCA6B)
        h = h ^ (h >> np.uint32(13))
        h = h * np.uint32(0xC2B2AE35)
        return h ^ (h >> np.uint32(16))

    one = lambda value: np.array([value & 0xFFFFFFFF], dtype=np.uint32)
    hashed = 0x811C9DC5
    for letter in name:
        hashed = ((hashed ^ ord(letter)) * 0x01000193) & 0xFFFFFFFF
    first = mix(one(hashed) ^ mix(one(seed)))
    second = mix(first + one(0x9E3779B9))
    return lambda n: (mix(mix(np.arange(n, dtype=np.uint32) ^ first) + second) >> np.uint32(8)) / 2**24


def formula_weights(state):
    """Weights that a test can make again without a file: a function of their name alone."""
    for key, tensor in state.items():
        if key.endswith("num_batches_tracked"):
            continue
        u = stream(1, key)(tensor.numel()).reshape(tuple(tensor.shape))
        if tensor.ndim == 4:
            value = (2 * u - 1) * np.sqrt(6 / np.prod(tensor.shape[1:]))
        elif key.endswith("weight") or key.endswith("running_var"):
            value = 0.5 + u
        else:
            value = (u - 0.5) / 2
        tensor.copy_(torch.tensor(value))


def densenet():
    from torchvision.models import densenet121, densenet169, densenet201

    result = {}
    for depth, make in ((121, densenet121), (169, densenet169), (201, densenet201)):
        state = make(weights=None).features.state_dict()
        lines = sorted(f"features.{k} {list(v.shape)}" for k, v in state.items() if not k.endswith("num_batches_tracked"))
        result[depth] = {
            "weights": len(lines),
            "parameters": sum(v.numel() for k, v in state.items() if not k.endswith("num_batches_tracked")),
            "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        }
    network = densenet121(weights=None)
    with torch.no_grad():
        formula_weights({f"features.{k}": v for k, v in network.features.state_dict().items()})
        network.eval()
        image = torch.tensor(stream(2, "image")(2 * 64 * 64 * 3).reshape(2, 64, 64, 3), dtype=torch.float32)
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x = ((image - mean) / deviation).permute(0, 3, 1, 2)
        levels = []
        for name, module in network.features.named_children():
            x = module(x)
            if name in ("denseblock1", "denseblock2", "denseblock3"):
                levels.append(x)
        levels.append(torch.relu(x))
        result["levels"] = []
        for level in levels:
            values = level.permute(0, 2, 3, 1).double()
            picks = np.linspace(0, values.numel() - 1, 12).astype(int)
            result["levels"].append(
                {
                    "shape": list(values.shape),
                    "mean": values.mean().item(),
                    "deviation": values.std(unbiased=False).item(),
                    "at": picks.tolist(),
                    "values": numbers(values.flatten()[picks]),
                }
            )
    write("encoder-densenet/src/golden/torchvision.json", result)


def keras_topology(file):
    """Layer classes in order and weight names with shapes; `conv1/conv` of keras-applications is `conv1_conv` in Keras 3."""
    model = json.loads(gzip.decompress(Path(file).read_bytes()))
    layers = model["modelTopology"]["model_config"]["config"]["layers"]
    weights = [w for group in model["weightsManifest"] for w in group["weights"]]
    rename = lambda name: name.replace("conv1/conv", "conv1_conv").replace("conv1/bn", "conv1_bn")
    named = sorted((rename(w["name"]), w["shape"]) for w in weights)
    write(
        "encoder-densenet/src/golden/keras-densenet121.json",
        {
            "layers": len(layers),
            "classes": {c: sum(l["class_name"] == c for l in layers) for c in sorted({l["class_name"] for l in layers})},
            "parameters": int(sum(np.prod(shape) for _, shape in named)),
            "weights": {name: "x".join(map(str, shape)) for name, shape in named},
        },
    )


if __name__ == "__main__":
    losses()
    batch_norm()
    cls_metrics()
    detection()
    suppression()
    segmentation()
    densenet()
    if len(sys.argv) > 1:
        keras_topology(sys.argv[1])
