"""python infer_torch.py FOLDER RUNS SECONDS"""

import sys
from pathlib import Path

import torch
from infer_batches import measure_batches
from safetensors.torch import load_file
from torch_model import create_model

model = create_model()
model.load_state_dict(load_file(Path(sys.argv[1], 'network.safetensors')))
model = model.to(memory_format=torch.channels_last).eval()


@torch.inference_mode()
def infer(images):
    return model(torch.from_numpy(images).to(memory_format=torch.channels_last)).numpy()


measure_batches(f'torch {torch.__version__}', infer)
