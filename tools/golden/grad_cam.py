"""PyTorch's Grad-CAM of a small network (Selvaraju et al. 2017, eq. 1 and 2): python tools/golden/grad_cam.py (needs torch)."""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

ROOT = Path(__file__).parents[2]
SIZE, IMAGES, TARGETS = 16, 3, 2
torch.manual_seed(5)
torch.set_num_threads(1)


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().to(torch.float64).reshape(-1).tolist()]


# Convolution kernels as tfjs has them, [h, w, in, out].
weights = {
    "encoder/one/kernel": torch.randn(2, 2, 1, 3),
    "encoder/one/bias": torch.randn(3) * 0.1,
    "encoder/two/kernel": torch.randn(2, 2, 3, 4) * 0.5,
    "encoder/two/bias": torch.randn(4) * 0.1,
    "find/features/kernel": torch.randn(4, 5),
    "find/features/bias": torch.randn(5) * 0.1,
    "find/decision/kernel": torch.randn(5, TARGETS),
    "find/decision/bias": torch.randn(TARGETS) * 0.1,
}
pixels = torch.randint(0, 256, (IMAGES, SIZE, SIZE))


def conv(x, name):
    return F.relu(F.conv2d(x, weights[f"{name}/kernel"].permute(3, 2, 0, 1), weights[f"{name}/bias"], stride=2))


maps = {}
for level in ("one", "two"):
    for target in range(TARGETS):
        one = conv(pixels.float().div(255)[:, None], "encoder/one")
        two = conv(one, "encoder/two") if level == "one" else conv(one, "encoder/two").detach()
        read = one if level == "one" else two
        read = read.detach().requires_grad_()
        x = conv(read, "encoder/two") if level == "one" else read
        x = F.relu(x.mean((2, 3)) @ weights["find/features/kernel"] + weights["find/features/bias"])
        logits = x @ weights["find/decision/kernel"] + weights["find/decision/bias"]
        (gradient,) = torch.autograd.grad(logits[:, target].sum(), read)
        alpha = gradient.mean((2, 3), keepdim=True)
        cam = F.relu((alpha * read).sum(1, keepdim=True))
        peak = cam.amax((2, 3), keepdim=True)
        cam = torch.where(peak > 0, cam / peak, torch.zeros_like(cam))
        full = F.interpolate(cam, size=(24, 20), mode="bilinear", align_corners=False)
        maps[f"{level}/{target}"] = {"cells": numbers(cam), "full": numbers(full)}

golden = {
    "weights": {name: {"shape": list(value.shape), "data": numbers(value)} for name, value in weights.items()},
    "pixels": pixels.reshape(IMAGES, -1).tolist(),
    "maps": maps,
}
path = ROOT / "packages/core/src/explain/golden/grad-cam.json"
path.write_text(json.dumps(golden) + "\n")
