"""python train_torch.py float32|bfloat16 STEPS SECONDS"""

import math
import sys

import torch
from measure import BATCH, CLASSES, LEARNING_RATE, SIZE, report, sample, timed
from torch_model import create_model

precision, steps, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
torch.manual_seed(1)


def build():
    model = create_model().to(memory_format=torch.channels_last).train()
    return model, torch.optim.Adam(model.parameters(), LEARNING_RATE)


build_ms, (model, adam) = timed(build)
images = torch.rand(BATCH, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
targets = (torch.rand(BATCH, CLASSES) > 0.7).float()
losses = []


def step():
    adam.zero_grad(set_to_none=True)
    with torch.autocast('cpu', torch.bfloat16, enabled=precision == 'bfloat16'):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(images), targets)
    loss.backward()
    adam.step()
    losses.append(loss.item())


first_ms, _ = timed(step)
wall, cpu = sample(step, steps, seconds)
assert all(map(math.isfinite, losses))
report(f'torch {torch.__version__}', {'step': wall, 'stepCpu': cpu, 'firstStep': [first_ms], 'build': [build_ms]}, loss=losses[-1])
