"""Writes reimagen-train/src/test/resources/golden/optimizers.safetensors: parameters before and after five steps of each optimiser.

Run from this folder after `pip install -r requirements.txt`. The references are torch.optim.AdamW, the Muon of train_reference.py in
float32 and torch.optim.Adafactor. The last scales the learning rate by max(eps2, rms(parameter)); with eps2 = 1 and parameters
smaller than that, the learning rate is the one given. It factors the last two dimensions, the Java class [out, rest]: kernels are
handed over in that shape.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

from train_reference import Muon

STEPS, DECAY = 5, 0.1
SHAPES = {"matrix": (6, 4), "kernel": (4, 3, 3, 3), "bias": (5,)}

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(17)
start = {n: 0.1 * torch.randn(shape, generator=generator) for n, shape in SHAPES.items()}
lrs = [0.01 * (i + 1) for i in range(STEPS)]
grads = [{n: (0.1 + i) * torch.randn(shape, generator=generator) for n, shape in SHAPES.items()} for i in range(STEPS)]


def fresh(reshape=lambda t: t):
    net = torch.nn.Module()
    for n, p in start.items():
        net.register_parameter(n, torch.nn.Parameter(reshape(p.clone())))
    return net


def run(net, step):
    for lr, grad in zip(lrs, grads):
        for n, p in net.named_parameters():
            p.grad = grad[n].reshape(p.shape).clone()
        step(lr)
    return {n: p.detach().reshape(SHAPES[n]).clone() for n, p in net.named_parameters()}


def of_torch(optimizer):
    def step(lr):
        for group in optimizer.param_groups:
            group["lr"] = lr
        optimizer.step()

    return step


net = fresh()
adamw = run(net, of_torch(torch.optim.AdamW(net.parameters(), betas=(0.9, 0.98), eps=1e-8, weight_decay=DECAY)))
net = fresh()
muon = run(net, Muon(net, decay=DECAY, precision=torch.float32).step)
net = fresh(lambda t: t.reshape(t.shape[0], -1) if t.ndim > 2 else t)
adafactor = run(net, of_torch(torch.optim.Adafactor(net.parameters(), eps=(1e-30, 1.0), beta2_decay=-0.8, d=1.0, weight_decay=0)))
for after in (adamw, muon, adafactor):
    assert all(p.square().mean().sqrt() < 1 for p in after.values())

tensors = {f"start/{n}": p for n, p in start.items()}
for i, grad in enumerate(grads):
    tensors |= {f"grad{i + 1}/{n}": g for n, g in grad.items()}
for name, after in (("adamw", adamw), ("muon", muon), ("adafactor", adafactor)):
    tensors |= {f"{name}/{n}": p for n, p in after.items()}
path = Path(__file__).parent.parent / "reimagen-train/src/test/resources/golden/optimizers.safetensors"
path.parent.mkdir(parents=True, exist_ok=True)
save_file(tensors, path, {"decay": str(DECAY), "torch": torch.__version__})
