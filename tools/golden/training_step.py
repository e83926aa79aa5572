"""PyTorch's numbers for the training step and its schedules: python tools/golden/training_step.py (needs torch)."""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

ROOT = Path(__file__).parents[2]
STEPS = 10
torch.manual_seed(0)
torch.set_num_threads(1)


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().to(torch.float64).reshape(-1).tolist()]


def steps():
    """conv 2x2 stride 2, relu, global average, dense, mean squared error; conv kernels as tfjs has them, [h, w, in, out]."""
    pixels = torch.randint(0, 256, (STEPS, 8, 4, 4))
    targets = torch.randn(STEPS, 8, 1)
    start = {
        "encoder/conv/kernel": torch.randn(2, 2, 1, 3),
        "encoder/conv/bias": torch.randn(3) * 0.1,
        "value/out/kernel": torch.randn(3, 1),
        "value/out/bias": torch.randn(1) * 0.1,
    }
    rates = [0.02, 0.04, 0.05, 0.05, 0.05, 0.03, 0.02, 0.01, 0.01, 0.01]
    sgd = lambda p: torch.optim.SGD(p, lr=1, momentum=0.9, weight_decay=0.01)
    adam = lambda p: torch.optim.Adam(p, lr=1)
    adamw = lambda p: torch.optim.AdamW(p, lr=1, weight_decay=0.05)
    runs = {}
    for name, make, clip, decay in (
        ("clip", sgd, 1.5, 0),
        ("ema", adamw, 0, 0.9),
        ("all", adam, 1.5, 0.5),
    ):
        p = {key: torch.nn.Parameter(value.clone()) for key, value in start.items()}
        module = torch.nn.ParameterDict({key.replace("/", "_"): value for key, value in p.items()})
        average = torch.optim.swa_utils.AveragedModel(
            module, multi_avg_fn=lambda own, new, n: torch.optim.swa_utils.get_ema_multi_avg_fn(
                min(decay, float(n) / (float(n) + 9))
            )(own, new, n)
        )
        average.n_averaged += 1  # the first step averages with the start, too
        optimizer = make(list(p.values()))
        trajectory = []
        for step in range(STEPS):
            optimizer.param_groups[0]["lr"] = rates[step]
            optimizer.zero_grad()
            x = pixels[step].float().div(255)[:, None]
            y = F.relu(F.conv2d(x, p["encoder/conv/kernel"].permute(3, 2, 0, 1), p["encoder/conv/bias"], stride=2))
            out = y.mean((2, 3)) @ p["value/out/kernel"] + p["value/out/bias"]
            loss = F.mse_loss(out, targets[step])
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(p.values(), clip if clip > 0 else float("inf"))
            optimizer.step()
            average.update_parameters(module)
            trajectory.append(
                {
                    "loss": float(loss.detach()),
                    "norm": float(norm),
                    "values": {key: numbers(value) for key, value in p.items()},
                    "average": {key: numbers(average.module[key.replace("/", "_")]) for key in p},
                }
            )
        runs[name] = trajectory
    write(
        "e2e/src/training/golden/training-step.json",
        {
            "start": {key: {"shape": list(value.shape), "data": numbers(value)} for key, value in start.items()},
            "pixels": pixels.reshape(STEPS, -1).tolist(),
            "targets": [numbers(value) for value in targets],
            "rates": rates,
            "runs": runs,
        },
    )


def learning_rates():
    def rates(make, feed=None):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
        scheduler = make(optimizer)
        seen = []
        for value in feed if feed is not None else range(30):
            seen.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step(value) if feed is not None else scheduler.step()
        seen.append(optimizer.param_groups[0]["lr"])
        return seen

    lr = torch.optim.lr_scheduler
    higher = [0.5, 0.6, 0.6, 0.60001, 0.59, 0.7, 0.7, 0.65, 0.7, 0.6, 0.71, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    lower = [-v for v in higher]
    plateau = lambda mode: lambda o: lr.ReduceLROnPlateau(o, mode=mode, factor=0.2, patience=2)
    write(
        "packages/core/src/train/golden/learning-rates.json",
        {
            "step": rates(lambda o: lr.MultiStepLR(o, milestones=[7, 12, 25], gamma=0.3)),
            "cosine": rates(lambda o: lr.CosineAnnealingLR(o, T_max=30, eta_min=0.005)),
            "plateau": {
                "higher": {"values": higher, "rates": rates(plateau("max"), higher)},
                "lower": {"values": [1 - v for v in higher], "rates": rates(plateau("min"), [1 - v for v in higher])},
                "negative": {"values": lower, "rates": rates(plateau("min"), lower)},
            },
        },
    )


def write(path, value):
    file = ROOT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value) + "\n")


steps()
learning_rates()
