"""The super-resolution network stated once more in plain PyTorch, with the parameter names of the Java network.

A diffusion model of what the enlarged low-resolution picture lacks, which it sees beside x_t. It works at a fraction of the resolution
(pixel-unshuffle), has residual blocks only, and normalises every pixel by itself: a crop is drawn as the whole is. Where it has
conditions, the middle of its lowest level reads the text and the neighbours' features, which its own down-sampling half makes at t = 0.
"""

import math
from dataclasses import dataclass
from typing import Optional

import torch
import torch.nn.functional as F
from torch import nn

from reimagen_reference import alpha_sigma, attend, sinusoid, tokens


@dataclass(frozen=True)
class ConditionsConfig:
    text_dim: int = 384
    head_dim: int = 32
    neighbors: int = 2  # at most so many are read, 0 for text alone
    neighbor_resolution: int = 256  # side of their pictures


@dataclass(frozen=True)
class SuperResolutionConfig:
    patch: int = 4
    channels: tuple = (64, 128, 192)
    down_blocks: tuple = (1, 2, 4)
    up_blocks: tuple = (2, 2, 0)
    embed_dim: int = 192
    residual_deviation: float = 0.1
    conditions: Optional[ConditionsConfig] = None

    @property
    def middle(self):
        """Block of the lowest level after which the conditions are read; the neighbours are encoded up to there."""
        return max(1, self.down_blocks[-1] // 2) - 1


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


def positions_in(place, size, dim):
    """2-D sine positions [B, size * size, dim] of cell centres, by where the square lies in its picture.

    place [B, 3] is its left edge, upper edge and side as shares of the picture's side; frequencies from pi to 16 pi a picture.
    """
    quarter = dim // 4
    freqs = math.pi * 2.0 ** (4.0 * torch.arange(quarter, dtype=torch.float32, device=place.device) / (quarter - 1))
    cell = (torch.arange(size, dtype=torch.float32, device=place.device) + 0.5) / size

    def axis(start):
        angles = (start[:, None] + place[:, 2:] * cell)[:, :, None] * freqs  # [B, size, quarter]
        return torch.cat([angles.sin(), angles.cos()], dim=2)

    rows, columns = axis(place[:, 1]), axis(place[:, 0])
    shape = (-1, -1, size, -1)
    return torch.cat([rows[:, :, None].expand(shape), columns[:, None].expand(-1, size, -1, -1)], dim=3).flatten(1, 2)


class CrossAttention(nn.Module):
    """Attention from every place to tokens that are no places of it, a learned null first; every place is normalised by itself."""

    def __init__(self, c, c_key, c_value, head_dim):
        super().__init__()
        self.head_dim = head_dim
        self.norm = PixelNorm(c)
        self.norm_key = nn.LayerNorm(c_key)
        self.norm_value = nn.LayerNorm(c_value)
        self.q = nn.Linear(c, c)
        self.k = nn.Linear(c_key, c)
        self.v = nn.Linear(c_value, c)
        self.null_kv = nn.Parameter(torch.zeros(2, c))
        self.out = nn.Linear(c, c)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def project(self, keys, values, positions=None):
        keys = self.norm_key(keys)
        return self.k(keys if positions is None else keys + positions), self.v(self.norm_value(values))

    def forward(self, x, keys, values, bias, positions=None):
        """x [B,C,H,W] plus what it reads of keys and values [B,L,C] under the bias [B,L]: 0, log-weights or -inf."""
        b, c = x.shape[:2]
        null_k, null_v = (self.null_kv[i].expand(b, 1, c).to(keys.dtype) for i in (0, 1))
        q = tokens(self.norm(x))
        q = self.q(q if positions is None else q + positions)
        bias = torch.cat([bias.new_zeros(b, 1), bias], dim=1)[:, None, None, :]
        h = attend(q, torch.cat([null_k, keys], 1), torch.cat([null_v, values], 1), bias, self.head_dim)
        return x + self.out(h).transpose(1, 2).reshape(x.shape)


@dataclass
class Conditions:
    """What the network reads besides x_t: keys, values and bias [B,L] of the text, and of the neighbours where it reads them."""

    text: tuple
    neighbors: Optional[tuple] = None


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
        if cfg.conditions:
            head = cfg.conditions.head_dim
            self.text_attention = CrossAttention(c[last], cfg.conditions.text_dim, cfg.conditions.text_dim, head)
            if cfg.conditions.neighbors:
                self.neighbor_attention = CrossAttention(c[last], c[last], c[last] + 4 * c[last - 1], head)
        for i in range(last, -1, -1):
            for j in range(cfg.up_blocks[i]):
                self.add_module(f"decode_{i}_{j}", Block(2 * c[i] if j == 0 else c[i], c[i], e))
            if i:
                self.add_module(f"up_{i}", nn.Conv2d(c[i], c[i - 1], 3, padding=1))
        self.norm_out = PixelNorm(c[0])
        self.conv_out = nn.Conv2d(c[0], 3 * cfg.patch**2, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def embed(self, t, level):
        emb = torch.cat([sinusoid(t, self.cfg.embed_dim), sinusoid(level, self.cfg.embed_dim)], dim=1)
        return self.time_out(F.silu(self.time_in(emb)))

    def text(self, states, mask, keep):
        """Keys, values and bias of the text's token states [B,L,D]; the learned null alone where keep [B] is false."""
        seen = mask & keep[:, None]
        bias = torch.zeros(seen.shape, dtype=torch.float32, device=seen.device).masked_fill(~seen, -math.inf)
        return *self.text_attention.project(states, states), bias

    def condition(self, states, mask, keep, neighbors=None):
        """Conditions of B targets; neighbors is what encode_neighbors gave. Without any, the learned null is read."""
        text = self.text(states, mask, keep)
        if neighbors is None and self.cfg.conditions.neighbors:
            neighbors = text[0][:, :0], text[1][:, :0], text[2][:, :0]
        return Conditions(text, neighbors)

    def encode_pictures(self, pictures, states, mask, factor=4):
        """The lowest level's features of N pictures [N,3,S,S] at t = 0, whole, and those with the finer level's, unshuffled."""
        n, side = pictures.shape[0], pictures.shape[2]
        zero = torch.zeros(n, dtype=torch.float32, device=pictures.device)
        low = enlarge(F.avg_pool2d(pictures, factor), side)
        h = self.stem_input(pictures, zero, low, zero)
        keep = torch.ones(n, dtype=torch.bool, device=pictures.device)
        feature, skips = self.encode(h, self.embed(zero, zero), Conditions(self.text(states, mask, keep)), None, True)
        return feature, torch.cat([feature, F.pixel_unshuffle(skips[-1], 2)], dim=1)

    def read_neighbors(self, encoded, index, weight_log):
        """Keys, values and bias of each target's K neighbours [B,K] among the encoded pictures."""
        feature, value = encoded
        size = feature.shape[2]
        positions = positions_in(whole(1, feature.device), size, feature.shape[1])
        k, v = self.neighbor_attention.project(tokens(feature), tokens(value), positions)  # [N, F*F, C]
        b = index.shape[0]
        bias = weight_log[:, :, None].expand(-1, -1, size * size).reshape(b, -1)
        return k[index].reshape(b, -1, k.shape[2]), v[index].reshape(b, -1, v.shape[2]), bias

    def encode_neighbors(self, pictures, states, mask, index, weight_log):
        return self.read_neighbors(self.encode_pictures(pictures, states, mask), index, weight_log)

    def stem_input(self, x, t, low, level):
        residual = x - alpha_sigma(t)[0][:, None, None, None] * low
        return F.pixel_unshuffle(torch.cat([residual * self.preconditioning(t, level)[0], low], dim=1), self.cfg.patch)

    def encode(self, h, emb, conditions, place, up_to_middle=False):
        """The down-sampling half: its last feature and those of every finished level. Neighbours go up to the middle only."""
        m, last = dict(self.named_children()), len(self.cfg.channels) - 1
        h, skips = self.stem(h), []
        for i in range(last + 1):
            h = m[f"down_{i}"](h) if i else h
            for j in range(self.cfg.down_blocks[i]):
                h = m[f"encode_{i}_{j}"](h, emb)
                if conditions and i == last and j == self.cfg.middle:
                    h = self.text_attention(h, *conditions.text)
                    if up_to_middle:
                        return h, skips
                    if conditions.neighbors:
                        h = self.neighbor_attention(h, *conditions.neighbors, positions_in(place, h.shape[2], h.shape[1]))
            skips.append(h)
        return h, skips

    def forward(self, x, t, low, level, conditions=None, place=None):
        """x_0 [B,3,H,W] of x_t [B,3,H,W], given the enlarged low-resolution picture and its noise level in [0,1].

        place [B,3] says where a crop lies (positions_in); without it x_t is the whole picture.
        """
        m, last = dict(self.named_children()), len(self.cfg.channels) - 1
        emb = self.embed(t, level)
        place = whole(x.shape[0], x.device) if place is None else place
        h, skips = self.encode(self.stem_input(x, t, low, level), emb, conditions, place)
        for i in range(last, -1, -1):
            for j in range(self.cfg.up_blocks[i]):
                h = m[f"decode_{i}_{j}"](torch.cat([h, skips[i]], dim=1) if j == 0 else h, emb)
            if i:
                h = m[f"up_{i}"](F.interpolate(h, scale_factor=2, mode="nearest"))
        h = F.pixel_shuffle(self.conv_out(F.silu(self.norm_out(h))), self.cfg.patch)
        _, skip, out = self.preconditioning(t, level)
        residual = x - alpha_sigma(t)[0][:, None, None, None] * low
        return low + skip * residual + out * h.float()

    def preconditioning(self, t, level):
        """c_in, c_skip, c_out [B,1,1,1] of EDM for y = x_0 - low, y_t = x_t - alpha low; the level's noise adds to y's variance."""
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        s2 = self.cfg.residual_deviation**2 + 0.5 * alpha_sigma(level)[1][:, None, None, None] ** 2
        variance = alpha**2 * s2 + sigma**2
        return variance.rsqrt(), alpha * s2 / variance, sigma * (s2 / variance).sqrt()


def whole(b, device=None):
    return torch.tensor([[0.0, 0.0, 1.0]], device=device).expand(b, 3)


def enlarge(low, side):
    """Bicubic, clipped to [-1,1]."""
    return F.interpolate(low, size=(side, side), mode="bicubic", align_corners=False).clamp(-1, 1)
