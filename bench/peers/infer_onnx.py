"""python infer_onnx.py FOLDER RUNS SECONDS"""

import sys
from pathlib import Path

import onnxruntime
from infer_batches import measure_batches

session = onnxruntime.InferenceSession(Path(sys.argv[1], 'network.onnx'), providers=['CPUExecutionProvider'])
measure_batches(f'onnxruntime {onnxruntime.__version__}', lambda images: session.run(['logits'], {'image': images})[0])
