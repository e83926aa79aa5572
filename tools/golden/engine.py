"""PyTorch's numbers for the engine's optimizers and for a small network: python tools/golden/engine.py (needs torch)."""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).parents[2] / "packages/engine/src/golden"
torch.manual_seed(0)
torch.set_num_threads(1)


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().to(torch.float64).reshape(-1).tolist()]


def write(name, value):
    (OUT / name).write_text(json.dumps(value) + "\n")


def optimizers():
    """Two parameters; `b` moves on even steps alone, so that its step count is its own."""
    steps = 6
    start = {"a": torch.randn(2, 3), "b": torch.randn(4)}
    gradients = [{name: torch.randn_like(value) for name, value in start.items()} for _ in range(steps)]
    rates = [0.1, 0.05, 0.1, 0.02, 0.1, 0.1]
    makers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=1),
        "momentum": lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=0.01),
        "adam": lambda p: torch.optim.Adam(p, lr=1),
        "adam-options": lambda p: torch.optim.Adam(p, lr=1, betas=(0.8, 0.95), eps=1e-3),
        "adamw": lambda p: torch.optim.AdamW(p, lr=1, weight_decay=0.05),
    }
    runs = {}
    for name, make in makers.items():
        parameters = {key: torch.nn.Parameter(value.clone()) for key, value in start.items()}
        optimizer = make(list(parameters.values()))
        trajectory = []
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = rates[step]
            for key, parameter in parameters.items():
                parameter.grad = gradients[step][key].clone() if key == "a" or step % 2 == 0 else None
            optimizer.step()
            trajectory.append({key: numbers(value) for key, value in parameters.items()})
        runs[name] = trajectory
    write(
        "optimizers.json",
        {
            "start": {key: {"shape": list(value.shape), "data": numbers(value)} for key, value in start.items()},
            "rates": rates,
            "gradients": [{key: numbers(value) for key, value in step.items()} for step in gradients],
            "runs": runs,
        },
    )


def network():
    """conv+bias, batch norm, relu, max pool, transposed conv, leaky relu, nearest up-sampling, average pool, dense, sigmoid cross-entropy."""
    n, h = 3, 8
    x = torch.randn(n, 2, h, h)
    p = {
        "conv": torch.randn(4, 2, 3, 3) * 0.3,
        "bias": torch.randn(4) * 0.3,
        "gamma": torch.rand(4) + 0.5,
        "beta": torch.randn(4) * 0.3,
        "transposed": torch.randn(4, 5, 3, 3) * 0.3,
        "dense": torch.randn(5, 2) * 0.5,
        "offset": torch.randn(2) * 0.3,
    }
    target = (torch.rand(n, 2) > 0.5).float()
    p = {key: value.requires_grad_() for key, value in p.items()}
    mean, variance = torch.zeros(4), torch.zeros(4)
    y = F.conv2d(x, p["conv"], p["bias"], padding=1)
    y = F.batch_norm(y, mean, variance, p["gamma"], p["beta"], training=True, momentum=1.0, eps=1e-3)
    y = F.max_pool2d(F.relu(y), 2)
    # TensorFlow's SAME padding of a transposed convolution with stride 2 and size 3 cuts the last row and column.
    y = F.leaky_relu(F.conv_transpose2d(y, p["transposed"], stride=2)[:, :, :h, :h], 0.1)
    y = F.avg_pool2d(F.interpolate(y, scale_factor=2, mode="nearest"), 4)
    logits = y.mean((2, 3)) @ p["dense"] + p["offset"]
    loss = F.binary_cross_entropy_with_logits(logits, target)
    loss.backward()
    nhwc = lambda value: value.permute(0, 2, 3, 1)
    hwio = lambda value: value.permute(2, 3, 1, 0)
    layouts = {"conv": hwio, "transposed": hwio}  # tfjs: [h, w, in, out], transposed [h, w, out, in]
    as_tfjs = lambda key, value: layouts.get(key, lambda v: v)(value)
    shaped = lambda value: {"shape": list(value.shape), "data": numbers(value.contiguous())}
    write(
        "network.json",
        {
            "x": shaped(nhwc(x)),
            "target": shaped(target),
            "parameters": {key: shaped(as_tfjs(key, value)) for key, value in p.items()},
            "loss": float(loss.detach()),
            "mean": numbers(mean),
            "variance": numbers(variance),
            "gradients": {key: numbers(as_tfjs(key, value.grad).contiguous()) for key, value in p.items()},
        },
    )


optimizers()
network()
