"""LibMTL's numbers for the weightings: python tools/golden/weightings.py (needs torch and LibMTL 1.1.5; run with --no-deps installs of it)."""

import importlib
import json
import random
import sys
import types
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

# LibMTL's package imports solvers that these methods do not use.
for name in ("cvxpy", "cvxopt"):
    sys.modules.setdefault(name, types.ModuleType(name))
package = types.ModuleType("LibMTL.weighting")
package.__path__ = [str(Path(importlib.util.find_spec("LibMTL").submodule_search_locations[0]) / "weighting")]
sys.modules["LibMTL.weighting"] = package
method = lambda module, name: getattr(importlib.import_module(f"LibMTL.weighting.{module}"), name)

ROOT = Path(__file__).parents[2]
STEPS, TASKS, WINDOW = 8, 2, 2
torch.manual_seed(0)
torch.set_num_threads(1)


def numbers(tensor):
    return [float(f"{value:.9g}") for value in torch.as_tensor(tensor).detach().to(torch.float64).reshape(-1).tolist()]


def toy():
    """The network of training_step.py with two heads, whose targets pull the shared part apart."""
    pixels = torch.randint(0, 256, (STEPS, 8, 4, 4))
    targets = torch.randn(STEPS, TASKS, 8, 1) * torch.tensor([1.0, 3.0])[:, None, None]
    start = {"encoder/conv/kernel": torch.randn(2, 2, 1, 3), "encoder/conv/bias": torch.rand(3)}
    for task in range(TASKS):
        start[f"{'ab'[task]}/out/kernel"] = torch.randn(3, 1) * (1 if task == 0 else -1)
        start[f"{'ab'[task]}/out/bias"] = torch.randn(1) * 0.1
    runs = {}
    for name, module, cls, options in (
        ("uncertainty", "UW", "UW", {}),
        ("dwa", "DWA", "DWA", {"T": 2.0}),
        ("gradnorm", "GradNorm", "GradNorm", {"alpha": 1.5}),
        ("pcgrad", "PCGrad", "PCGrad", {}),
    ):
        base = method(module, cls)

        class Net(base):
            def __init__(self):
                super().__init__()
                self.device, self.task_num, self.rep_grad = "cpu", TASKS, False
                self.p = {key: torch.nn.Parameter(value.clone()) for key, value in start.items()}
                self.init_param()

            def get_share_params(self):
                return [value for key, value in self.p.items() if key.startswith("encoder")]

            def zero_grad_share_params(self):
                for value in self.get_share_params():
                    value.grad = torch.zeros_like(value)

        net = Net()
        own = [net.loss_scale] if hasattr(net, "loss_scale") else []
        optimizer = torch.optim.SGD([*net.p.values(), *own], lr=0.05)
        net.train_loss_buffer = np.zeros((TASKS, STEPS))
        trajectory, window = [], []
        for step in range(STEPS):
            optimizer.zero_grad()
            x = pixels[step].float().div(255)[:, None]
            kernel = net.p["encoder/conv/kernel"].permute(3, 2, 0, 1)
            features = F.relu(F.conv2d(x, kernel, net.p["encoder/conv/bias"], stride=2)).mean((2, 3))
            out = lambda t: features @ net.p[f"{t}/out/kernel"] + net.p[f"{t}/out/bias"]
            losses = torch.stack([F.mse_loss(out("ab"[t]), targets[step, t]) for t in range(TASKS)])
            grads = [
                torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, net.get_share_params(), retain_graph=True)])
                for loss in losses
            ]
            if name == "gradnorm":
                net.epoch = 1
                if step == 0:
                    net.train_loss_buffer[:, 0] = losses.detach().numpy()
            else:
                net.epoch = step // WINDOW
            net.backward(losses, **options)
            optimizer.step()
            window.append(losses.detach().numpy())
            if name == "dwa" and step % WINDOW == WINDOW - 1:
                net.train_loss_buffer[:, net.epoch] = np.mean(window[-WINDOW:], axis=0)
            trajectory.append(
                {
                    "losses": numbers(losses),
                    "norms": numbers(torch.stack([g.norm() for g in grads])),
                    "cosine": float(F.cosine_similarity(grads[0], grads[1], dim=0)),
                    "values": {key: numbers(value) for key, value in net.p.items()},
                    "numbers": numbers(own[0]) if own else [],
                }
            )
        runs[name] = trajectory
    return {
        "start": {key: {"shape": list(value.shape), "data": numbers(value)} for key, value in start.items()},
        "pixels": pixels.reshape(STEPS, -1).tolist(),
        "targets": [[numbers(task) for task in step] for step in targets],
        "rate": 0.05,
        "window": WINDOW,
        "runs": runs,
    }


def projections():
    """PCGrad on gradients of three tasks, in given orders."""
    cases = []
    for seed in range(6):
        generator = torch.Generator().manual_seed(seed)
        gradients = torch.randn(3, 4, generator=generator)
        orders = [[1, 2], [0, 2], [0, 1]] if seed % 2 == 0 else [[2, 1], [2, 0], [1, 0]]

        class Net(method("PCGrad", "PCGrad")):
            pass

        net = Net()
        net.device, net.task_num, net.rep_grad = "cpu", 3, False
        w = torch.nn.Parameter(torch.zeros(4))
        net.get_share_params = lambda: [w]
        net.zero_grad_share_params = lambda: setattr(w, "grad", torch.zeros_like(w))
        asked = iter(range(3))

        def shuffle(order):
            own = next(asked)
            order[:] = [own, *orders[own]]

        random.shuffle = shuffle
        net.backward([(g * w).sum() for g in gradients])
        cases.append({"gradients": [numbers(g) for g in gradients], "orders": orders, "combined": numbers(w.grad)})
    return cases


file = ROOT / "e2e/src/training/golden/weightings.json"
file.write_text(json.dumps(toy()) + "\n")
file = ROOT / "packages/core/src/weighting/golden/projections.json"
file.parent.mkdir(exist_ok=True)
file.write_text(json.dumps(projections()) + "\n")
