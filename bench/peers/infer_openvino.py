"""python infer_openvino.py FOLDER RUNS SECONDS"""

import sys
from pathlib import Path

import openvino
from infer_batches import measure_batches

core = openvino.Core()
# Latency is what one caller sees; float32, as OpenVINO would else pick bfloat16 where the CPU has it.
settings = {'PERFORMANCE_HINT': 'LATENCY', 'INFERENCE_PRECISION_HINT': 'f32'}
model = core.compile_model(Path(sys.argv[1], 'network.onnx'), 'CPU', settings)
measure_batches(f'openvino {openvino.__version__.split("-")[0]}', lambda images: model(images)[0])
