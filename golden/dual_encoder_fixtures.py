"""Writes reimagen-train/src/test/resources/golden/dual_encoder.safetensors: weights, inputs, vectors, logits, loss and gradients of a tiny
dual encoder, the network of org.reimagen.core.model.DualEncoder stated once more in plain PyTorch under the same parameter names.

Run from this folder after `pip install -r requirements.txt`.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

PATCH, CHANNELS, BLOCKS, TEXT, DIM = 2, [8, 12], [1, 1], 12, 8


def by_pixel(norm, x):
    return norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.conv1, self.conv2 = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))

    def forward(self, x):
        h = self.conv1(F.silu(by_pixel(self.norm1, x)))
        return x + self.conv2(F.silu(by_pixel(self.norm2, h)))


class DualEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3 * PATCH**2, CHANNELS[0], 3, padding=1)
        self.down_1 = nn.Conv2d(CHANNELS[0], CHANNELS[1], 3, stride=2, padding=1)
        self.block_0_0, self.block_1_0 = Block(CHANNELS[0]), Block(CHANNELS[1])
        self.norm_out, self.picture_out = nn.LayerNorm(CHANNELS[1]), nn.Linear(2 * CHANNELS[1], DIM)
        self.text_norm, self.text_out = nn.LayerNorm(TEXT), nn.Linear(TEXT, DIM)
        self.log_scale = nn.Parameter(torch.tensor([1 / 0.07]).log())

    def picture(self, x):
        h = self.block_0_0(self.stem(F.pixel_unshuffle(x, PATCH)))
        h = F.silu(by_pixel(self.norm_out, self.block_1_0(self.down_1(h))))
        return F.normalize(self.picture_out(torch.cat([h.mean((2, 3)), h.amax((2, 3))], 1)))

    def text(self, pooled):
        return F.normalize(self.text_out(self.text_norm(pooled)))


def symmetric(logits):
    own = torch.arange(len(logits))
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.t(), own)) / 2


torch.manual_seed(4)
net = DualEncoder()
with torch.no_grad():  # nothing may be zero or one
    for parameter in net.parameters():
        if parameter.numel() > 1:
            parameter.add_(0.2 * torch.randn_like(parameter))
x, pooled = torch.rand(4, 3, 8, 8) * 2 - 1, torch.randn(4, TEXT)
pictures, words = net.picture(x), net.text(pooled)
scale = net.log_scale.clamp(max=torch.tensor(100.0).log()).exp()
pairs = [(pictures[:2], words[:2]), (pictures[2:], words[2:]), (pictures[:2], pictures[2:])]
loss = sum(symmetric(a @ b.t() * scale) for a, b in pairs) / 3
loss.backward()
out = {"x": x, "pooled": pooled, "pictures": pictures, "words": words, "logits": pictures @ words.t() * scale, "loss": loss.reshape(1)}
out |= {"net/" + name: p for name, p in net.named_parameters()} | {"grad/" + name: p.grad for name, p in net.named_parameters()}
file = Path(__file__).parent.parent / "reimagen-train/src/test/resources/golden/dual_encoder.safetensors"
save_file({name: tensor.detach().contiguous() for name, tensor in out.items()}, file)
