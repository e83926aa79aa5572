"""python export_network.py FOLDER

Writes one network, DenseNet-121 with the classification head, for all contenders: network.safetensors (PyTorch's names), network.onnx (input [b, 3, s, s],
output logits [b, C]). Batch norm's statistics come from noise, so that the outputs are those of a network and not of its initial values."""

import sys
from pathlib import Path

import torch
from measure import BATCH, SIZE
from safetensors.torch import save_file
from torch_model import create_model

folder = Path(sys.argv[1])
torch.manual_seed(1)
model = create_model()
norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
for norm in norms:
    norm.momentum = None  # the mean over all batches
with torch.no_grad():
    model.train()
    for _ in range(2):
        model(torch.rand(BATCH, 1, SIZE, SIZE).expand(-1, 3, -1, -1))
model.eval()
folder.mkdir(parents=True, exist_ok=True)
save_file(model.state_dict(), folder / 'network.safetensors')
torch.onnx.export(
    model,
    (torch.zeros(2, 3, SIZE, SIZE),),
    folder / 'network.onnx',
    input_names=['image'],
    output_names=['logits'],
    dynamic_shapes=({0: torch.export.Dim('batch', min=1, max=64)},),
    dynamo=True,
)
