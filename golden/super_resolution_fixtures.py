"""Writes reimagen-core/src/test/resources/golden/super_resolution.safetensors: output, loss and all gradients of a tiny network.

Run from this folder after `pip install -r requirements.txt`. Every parameter is random, those that start at zero too.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

from reimagen_reference import alpha_sigma
from super_resolution_reference import SuperResolutionConfig, SuperResolutionUNet, enlarge

TINY = SuperResolutionConfig(patch=2, channels=(8, 12), down_blocks=(1, 2), up_blocks=(2, 0), embed_dim=16)

generator = torch.Generator().manual_seed(11)
torch.set_num_threads(1)
net = SuperResolutionUNet(TINY)
with torch.no_grad():
    for p in net.parameters():
        p.copy_(torch.randn(p.shape, generator=generator) * 0.2)
x0 = torch.randn(2, 3, 16, 16, generator=generator).clamp(-1, 1)
noise = torch.randn(2, 3, 16, 16, generator=generator)
small = torch.randn(2, 3, 4, 4, generator=generator).clamp(-1, 1)
t, level = torch.tensor([0.2, 0.9]), torch.tensor([0.0, 0.4])
alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
low = enlarge(small, 16)
out = net(alpha * x0 + sigma * noise, t, low, level)
loss = ((out - x0) / net.preconditioning(t, level)[2]).pow(2).mean()
loss.backward()
tensors = {"in/x0": x0, "in/noise": noise, "in/small": small, "in/t": t, "in/level": level}
tensors |= {"low": low, "out": out.detach(), "loss": loss.detach().reshape(1)}
tensors |= {f"weights/{n}": p.detach() for n, p in net.named_parameters()}
tensors |= {f"grad/{n}": p.grad for n, p in net.named_parameters()}
path = Path(__file__).parent.parent / "reimagen-core/src/test/resources/golden/super_resolution.safetensors"
save_file({n: a.contiguous() for n, a in tensors.items()}, path)
print("wrote", path.name)
