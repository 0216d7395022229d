"""The super-resolution network stated once more in plain PyTorch, with the parameter names of the Java network.

A diffusion model of what the enlarged low-resolution picture lacks, which it sees beside x_t. It works at a fraction of the resolution
(pixel-unshuffle), has residual blocks only, and normalises every pixel by itself: a crop is drawn as the whole is.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from reimagen_reference import alpha_sigma, sinusoid


@dataclass(frozen=True)
class SuperResolutionConfig:
    patch: int = 4
    channels: tuple = (64, 128, 192)
    down_blocks: tuple = (1, 2, 4)
    up_blocks: tuple = (2, 2, 0)
    embed_dim: int = 192
    residual_deviation: float = 0.1


class PixelNorm(nn.Module):
    """Layer normalisation over the channels of each pixel."""

    def __init__(self, c):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(c))
        self.bias = nn.Parameter(torch.zeros(c))

    def forward(self, x):
        y = F.layer_norm(x.permute(0, 2, 3, 1), (x.shape[1],), self.weight.to(x.dtype), self.bias.to(x.dtype), 1e-5)
        return y.permute(0, 3, 1, 2)


class Block(nn.Module):
    def __init__(self, c_in, c_out, embed_dim):
        super().__init__()
        self.norm1 = PixelNorm(c_in)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, padding=1)
        self.embedding = nn.Linear(embed_dim, 2 * c_out)
        self.norm2 = PixelNorm(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)
        self.has_skip = c_in != c_out
        if self.has_skip:
            self.skip = nn.Conv2d(c_in, c_out, 1)

    def forward(self, x, emb):
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.embedding(F.silu(emb))[:, :, None, None].chunk(2, dim=1)
        h = self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))
        return (self.skip(x) if self.has_skip else x) + h


class SuperResolutionUNet(nn.Module):
    def __init__(self, cfg=SuperResolutionConfig()):
        super().__init__()
        self.cfg = cfg
        c, e, last = cfg.channels, cfg.embed_dim, len(cfg.channels) - 1
        self.time_in = nn.Linear(2 * e, e)
        self.time_out = nn.Linear(e, e)
        self.stem = nn.Conv2d(6 * cfg.patch**2, c[0], 3, padding=1)
        for i, ci in enumerate(c):
            if i:
                self.add_module(f"down_{i}", nn.Conv2d(c[i - 1], ci, 3, stride=2, padding=1))
            for j in range(cfg.down_blocks[i]):
                self.add_module(f"encode_{i}_{j}", Block(ci, ci, e))
        for i in range(last, -1, -1):
            for j in range(cfg.up_blocks[i]):
                self.add_module(f"decode_{i}_{j}", Block(2 * c[i] if j == 0 else c[i], c[i], e))
            if i:
                self.add_module(f"up_{i}", nn.Conv2d(c[i], c[i - 1], 3, padding=1))
        self.norm_out = PixelNorm(c[0])
        self.conv_out = nn.Conv2d(c[0], 3 * cfg.patch**2, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, x, t, low, level):
        """x_0 [B,3,H,W] of x_t [B,3,H,W], given the enlarged low-resolution picture and its noise level in [0,1]."""
        m = dict(self.named_children())
        e, last = self.cfg.embed_dim, len(self.cfg.channels) - 1
        emb = torch.cat([sinusoid(t, e), sinusoid(level, e)], dim=1)
        emb = self.time_out(F.silu(self.time_in(emb)))
        scale, skip, out = self.preconditioning(t, level)
        residual = x - alpha_sigma(t)[0][:, None, None, None] * low
        h = self.stem(F.pixel_unshuffle(torch.cat([residual * scale, low], dim=1), self.cfg.patch))
        skips = []
        for i in range(last + 1):
            h = m[f"down_{i}"](h) if i else h
            for j in range(self.cfg.down_blocks[i]):
                h = m[f"encode_{i}_{j}"](h, emb)
            skips.append(h)
        for i in range(last, -1, -1):
            for j in range(self.cfg.up_blocks[i]):
                h = m[f"decode_{i}_{j}"](torch.cat([h, skips[i]], dim=1) if j == 0 else h, emb)
            if i:
                h = m[f"up_{i}"](F.interpolate(h, scale_factor=2, mode="nearest"))
        h = F.pixel_shuffle(self.conv_out(F.silu(self.norm_out(h))), self.cfg.patch)
        return low + skip * residual + out * h.float()

    def preconditioning(self, t, level):
        """c_in, c_skip, c_out [B,1,1,1] of EDM for y = x_0 - low, y_t = x_t - alpha low; the level's noise adds to y's variance."""
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        s2 = self.cfg.residual_deviation**2 + 0.5 * alpha_sigma(level)[1][:, None, None, None] ** 2
        variance = alpha**2 * s2 + sigma**2
        return variance.rsqrt(), alpha * s2 / variance, sigma * (s2 / variance).sqrt()


def enlarge(low, side):
    """Bicubic, clipped to [-1,1]."""
    return F.interpolate(low, size=(side, side), mode="bicubic", align_corners=False).clamp(-1, 1)
