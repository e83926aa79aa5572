"""python start_torch.py FOLDER IMAGE: what a script does that predicts one image."""

import sys
import time
from os import environ
from pathlib import Path

import numpy as np
import torch
from measure import SIZE, report
from PIL import Image
from safetensors.torch import load_file
from torch_model import create_model

model = create_model()
model.load_state_dict(load_file(Path(sys.argv[1], 'network.safetensors')))
model.eval()
grey = Image.open(sys.argv[2]).convert('L').resize((SIZE, SIZE), Image.Resampling.BOX)
pixels = torch.from_numpy(np.asarray(grey, np.float32) / 255)
with torch.inference_mode():
    logits = model(pixels.expand(1, 3, SIZE, SIZE)).sigmoid().tolist()
first = time.time() * 1e3 - float(environ['BENCH_STARTED'])
report(f'torch {torch.__version__}', {'firstPrediction': [first]}, probability=logits[0][0])
