"""The Re-Imagen U-Net stated once more in plain PyTorch, with the parameter names of the Java network.

It proves the Java forward pass and gradients (network_fixtures.py) and can train the same weights where Python and a
GPU are at hand (train_reference.py). Shapes: B targets, N encoded neighbours, K neighbours a target, L text tokens.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


@dataclass(frozen=True)
class UNetConfig:
    image_channels: int = 3
    patch: int = 2
    channels: tuple = (48, 96, 192)
    blocks: tuple = (2, 2, 2)
    attention: tuple = (False, True, True)
    head_dim: int = 32
    embed_dim: int = 192
    text_dim: int = 384
    groups: int = 8
    blend: bool = False  # whether the stem also sees the mean of the neighbours' pictures


def bfloat16_is_fast(device):
    """On a GPU, and where the processor has instructions for it; without them it is some fifty times slower than float32."""
    flags = Path("/proc/cpuinfo").read_text() if device == "cpu" and Path("/proc/cpuinfo").exists() else ""
    return device == "cuda" or "avx512_bf16" in flags or "amx_bf16" in flags


def mixed_precision(device):
    """Autocast to bfloat16 where that is fast."""
    return torch.autocast(device, dtype=torch.bfloat16, enabled=bfloat16_is_fast(device))


def sinusoid(t, dim):
    """Time embedding [B, dim] of t in [0, 1]: cosines, then sines, of 1000 t."""
    freqs = torch.exp(-math.log(10000.0) * torch.arange(dim // 2, dtype=torch.float32, device=t.device) / (dim // 2))
    angles = t[:, None] * 1000.0 * freqs[None]
    return torch.cat([angles.cos(), angles.sin()], dim=1)


def positions(size, dim, device=None):
    """2-D sine positions [size * size, dim] of cell centres in (0, 1); frequencies from pi to 16 pi."""
    quarter = dim // 4
    freqs = math.pi * 2.0 ** (4.0 * torch.arange(quarter, dtype=torch.float32, device=device) / (quarter - 1))
    cell = (torch.arange(size, dtype=torch.float32, device=device) + 0.5) / size
    angles = cell[:, None] * freqs[None]  # [size, quarter]
    axis = torch.cat([angles.sin(), angles.cos()], dim=1)  # [size, 2 quarter]
    rows = axis[:, None, :].expand(size, size, 2 * quarter)
    columns = axis[None, :, :].expand(size, size, 2 * quarter)
    return torch.cat([rows, columns], dim=2).reshape(size * size, dim)


def tokens(x):
    return x.flatten(2).transpose(1, 2)  # [B, C, H, W] -> [B, H*W, C]


def heads(x, head_dim):
    return x.unflatten(2, (-1, head_dim)).transpose(1, 2)  # [B, L, C] -> [B, heads, L, head_dim]


def attend(q, k, v, bias, head_dim):
    """Scaled dot-product attention; bias [B, 1, 1, keys] holds 0, log-weights or -inf. In float32, on a GPU as the inputs are."""
    if q.device.type == "cuda":
        return attend_without_mask(q, k, v, bias, head_dim)
    with torch.autocast(q.device.type, enabled=False):
        q, k, v = (heads(a.float(), head_dim) for a in (q, k, v))
        h = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.expand(-1, q.shape[1], q.shape[2], -1))
        return h.transpose(1, 2).flatten(2)


def attend_without_mask(q, k, v, bias, head_dim):
    """The same with the bias as one more channel of the keys, so that the fused kernels, which know no mask, can do it."""
    q, k, v = (F.pad(heads(a, head_dim), (0, 8)) for a in (q, k, v))
    q[..., head_dim] = math.sqrt(head_dim)
    k[..., head_dim] = bias[:, :, 0].clamp(min=-1e4)  # [B, 1, keys] for every head
    h = F.scaled_dot_product_attention(q, k, v, scale=1 / math.sqrt(head_dim))
    return h[..., :head_dim].transpose(1, 2).flatten(2)


class ResBlock(nn.Module):
    def __init__(self, c_in, c_out, cfg):
        super().__init__()
        self.norm1 = nn.GroupNorm(cfg.groups, c_in)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, padding=1)
        self.embedding = nn.Linear(cfg.embed_dim, 2 * c_out)
        self.norm2 = nn.GroupNorm(cfg.groups, c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)
        if c_in != c_out:
            self.skip = nn.Conv2d(c_in, c_out, 1)
        self.has_skip = c_in != c_out

    def forward(self, x, emb):
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.embedding(F.silu(emb))[:, :, None, None].chunk(2, dim=1)
        h = self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))
        return (self.skip(x) if self.has_skip else x) + h


class TextAttention(nn.Module):
    """Self-attention with the text's keys and values next to the picture's own (Imagen)."""

    def __init__(self, c, cfg):
        super().__init__()
        self.head_dim = cfg.head_dim
        self.norm = nn.GroupNorm(cfg.groups, c)
        self.qkv = nn.Linear(c, 3 * c)
        self.text_kv = nn.Linear(cfg.embed_dim, 2 * c)
        self.out = nn.Linear(c, c)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x, text, text_bias):
        h = tokens(self.norm(x))
        q, k, v = self.qkv(h).chunk(3, dim=2)
        tk, tv = self.text_kv(text).chunk(2, dim=2)
        bias = torch.cat([text_bias.new_zeros(text_bias.shape[0], 1, 1, h.shape[1]), text_bias], dim=3)
        h = attend(q, torch.cat([k, tk], dim=1), torch.cat([v, tv], dim=1), bias, self.head_dim)
        return x + self.out(h).transpose(1, 2).reshape(x.shape)


class NeighborAttention(nn.Module):
    """Cross-attention from the features of x_t to all K*F*F features of the neighbours (Re-Imagen, fusion)."""

    def __init__(self, c, c_value, cfg):
        super().__init__()
        self.head_dim = cfg.head_dim
        self.norm = nn.GroupNorm(cfg.groups, c)
        self.norm_key = nn.GroupNorm(cfg.groups, c)
        self.q = nn.Linear(c, c)
        self.k = nn.Linear(c, c)
        self.v = nn.Linear(c_value, c)
        self.null_kv = nn.Parameter(torch.zeros(2, c))
        self.out = nn.Linear(c, c)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def project(self, feature, value, index):
        """Keys and values [B, K*F*F + 1, C] of each target's neighbours, the learned null first."""
        n, c, f, _ = feature.shape
        k = self.k(tokens(self.norm_key(feature)) + positions(f, c, feature.device))  # [N, F*F, C]
        v = self.v(tokens(value))
        b = index.shape[0]
        null_k, null_v = (self.null_kv[i].expand(b, 1, c).to(k.dtype) for i in (0, 1))
        return torch.cat([null_k, k[index].reshape(b, -1, c)], 1), torch.cat([null_v, v[index].reshape(b, -1, c)], 1)

    def ask(self, x, weight_log):
        """Queries [B, F*F, C], and what is added to their logits [B, 1, 1, 1 + K*F*F], the null first."""
        b, c, f, _ = x.shape
        bias = weight_log[:, :, None].expand(-1, -1, f * f).reshape(b, 1, 1, -1)
        bias = torch.cat([bias.new_zeros(b, 1, 1, 1), bias], dim=3)
        return self.q(tokens(self.norm(x)) + positions(f, c, x.device)), bias

    def forward(self, x, feature, value, index, weight_log):
        k, v = self.project(feature, value, index)
        q, bias = self.ask(x, weight_log)
        return x + self.out(attend(q, k, v, bias, self.head_dim)).transpose(1, 2).reshape(x.shape)


class DStack(nn.Module):
    """The down-sampling half: encodes x_t at time t, and every neighbour at t = 0."""

    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        c = cfg.channels
        self.stem = nn.Conv2d(cfg.image_channels * cfg.patch**2, c[0], 3, padding=1)
        if cfg.blend:
            self.blend = nn.Conv2d(cfg.image_channels * cfg.patch**2, c[0], 3, padding=1, bias=False)
            nn.init.zeros_(self.blend.weight)
        for i, ci in enumerate(c):
            if i:
                self.add_module(f"down_{i}", nn.Conv2d(c[i - 1], ci, 3, stride=2, padding=1))
            for j in range(cfg.blocks[i]):
                self.add_module(f"block_{i}_{j}", ResBlock(ci, ci, cfg))
                if cfg.attention[i]:
                    self.add_module(f"attn_{i}_{j}", TextAttention(ci, cfg))

    def forward(self, x, emb, text, text_bias, blend=None):
        """Features of every block, level by level: a list of lists. A neighbour has no blend."""
        m = dict(self.named_children())
        h = self.stem(F.pixel_unshuffle(x, self.cfg.patch))
        if blend is not None:
            h = h + self.blend(F.pixel_unshuffle(blend, self.cfg.patch))
        levels = []
        for i in range(len(self.cfg.channels)):
            h = m[f"down_{i}"](h) if i else h
            features = []
            for j in range(self.cfg.blocks[i]):
                h = m[f"block_{i}_{j}"](h, emb)
                if self.cfg.attention[i]:
                    h = m[f"attn_{i}_{j}"](h, text, text_bias)
                features.append(h)
            levels.append(features)
        return levels


class UStack(nn.Module):
    """The up-sampling half: fuses the neighbours' features and predicts v."""

    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        c = cfg.channels
        last = len(c) - 1

        def value_channels(i):
            return c[i] + 4 * c[i - 1]

        self.mid_block = ResBlock(c[last], c[last], cfg)
        self.mid_attn = TextAttention(c[last], cfg)
        self.mid_neighbor = NeighborAttention(c[last], value_channels(last), cfg)
        for i in range(last, -1, -1):
            for j in range(cfg.blocks[i]):
                self.add_module(f"block_{i}_{j}", ResBlock(2 * c[i], c[i], cfg))
                if cfg.attention[i]:
                    self.add_module(f"attn_{i}_{j}", TextAttention(c[i], cfg))
                    self.add_module(f"neighbor_{i}_{j}", NeighborAttention(c[i], value_channels(i), cfg))
            if i:
                self.add_module(f"up_{i}", nn.Conv2d(c[i], c[i - 1], 3, padding=1))
        self.norm_out = nn.GroupNorm(cfg.groups, c[0])
        self.conv_out = nn.Conv2d(c[0], cfg.image_channels * cfg.patch**2, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, levels, emb, text, text_bias, neighbors):
        m = dict(self.named_children())
        last = len(self.cfg.channels) - 1
        h = self.mid_block(levels[last][-1], emb)
        h = self.mid_attn(h, text, text_bias)
        h = self.mid_neighbor(h, *neighbors.at(last))
        for i in range(last, -1, -1):
            for j in range(self.cfg.blocks[i]):
                skip = levels[i][self.cfg.blocks[i] - 1 - j] * (1 / math.sqrt(2))
                h = m[f"block_{i}_{j}"](torch.cat([h, skip], dim=1), emb)
                if self.cfg.attention[i]:
                    h = m[f"attn_{i}_{j}"](h, text, text_bias)
                    h = m[f"neighbor_{i}_{j}"](h, *neighbors.at(i))
            if i:
                h = m[f"up_{i}"](F.interpolate(h, scale_factor=2, mode="nearest"))
        h = self.conv_out(F.silu(self.norm_out(h)))
        return F.pixel_shuffle(h, self.cfg.patch)


@dataclass
class Neighbors:
    """Features of N neighbours by level, and which K of them each of the B targets reads, with log-weights."""

    features: dict  # level -> [N, C, F, F]
    values: dict  # level -> [N, C + 4 C_finer, F, F]
    index: torch.Tensor  # [B, K] int64
    weight_log: torch.Tensor  # [B, K] float32: 0 to read it, -inf to drop it
    pictures: torch.Tensor  # [N, 3, S, S], what was encoded

    def blend(self):
        """Mean picture [B, 3, S, S] of each target's neighbours by their weights; grey (0) without any."""
        weight = self.weight_log.exp()
        weight = weight / weight.sum(1, keepdim=True).clamp(min=1)
        return torch.einsum("bk,bkchw->bchw", weight, self.pictures[self.index])

    def at(self, level):
        return self.features[level], self.values[level], self.index, self.weight_log


class UNet(nn.Module):
    def __init__(self, cfg=UNetConfig()):
        super().__init__()
        self.cfg = cfg
        e = cfg.embed_dim
        self.time_in = nn.Linear(e, e)
        self.time_out = nn.Linear(e, e)
        self.pooled_norm = nn.LayerNorm(cfg.text_dim)
        self.pooled_in = nn.Linear(cfg.text_dim, e)
        self.pooled_out = nn.Linear(e, e)
        self.pooled_null = nn.Parameter(torch.zeros(e))
        self.text_norm = nn.LayerNorm(cfg.text_dim)
        self.text_proj = nn.Linear(cfg.text_dim, e)
        self.text_null = nn.Parameter(torch.zeros(e))
        self.dstack = DStack(cfg)
        self.ustack = UStack(cfg)

    def embed(self, t, states, mask, pooled, keep):
        """Time-and-text embedding [B, E], text tokens [B, L+1, E] with the learned null first, and their bias."""
        b = t.shape[0]
        p = self.pooled_out(F.silu(self.pooled_in(self.pooled_norm(pooled))))
        p = torch.where(keep[:, None], p, self.pooled_null.expand(b, -1).to(p.dtype))
        emb = self.time_out(F.silu(self.time_in(sinusoid(t, self.cfg.embed_dim)))) + p
        text = self.text_proj(self.text_norm(states))
        text = torch.cat([self.text_null.expand(b, 1, -1).to(text.dtype), text], dim=1)
        seen = mask & keep[:, None]
        bias = torch.zeros(seen.shape, dtype=torch.float32, device=t.device).masked_fill(~seen, -math.inf)
        bias = torch.cat([bias.new_zeros(b, 1), bias], dim=1)[:, None, None, :]
        return emb, text, bias

    def encode_neighbors(self, x, states, mask, pooled, index, weight_log):
        """Encodes N neighbours once, at t = 0, with their own captions."""
        n = x.shape[0]
        keep = torch.ones(n, dtype=torch.bool, device=x.device)
        zero = torch.zeros(n, dtype=torch.float32, device=x.device)
        levels = self.dstack(x, *self.embed(zero, states, mask, pooled, keep))
        features, values = {}, {}
        for i, attention in enumerate(self.cfg.attention):
            if attention:
                features[i] = levels[i][-1]
                values[i] = torch.cat([levels[i][-1], F.pixel_unshuffle(levels[i - 1][-1], 2)], dim=1)
        return Neighbors(features, values, index, weight_log, x)

    def forward(self, x, t, states, mask, pooled, keep, neighbors):
        emb, text, bias = self.embed(t, states, mask, pooled, keep)
        levels = self.dstack(x, emb, text, bias, neighbors.blend() if self.cfg.blend else None)
        return self.ustack(levels, emb, text, bias, neighbors)


def config_of(weights):
    """Configuration of weights, read from their names and shapes."""
    levels = sorted({int(n.split("_")[1]) for n in weights if n.startswith("dstack.block_")})
    blocks = tuple(1 + max(int(n.split("_")[2].split(".")[0]) for n in weights if n.startswith(f"dstack.block_{i}_")) for i in levels)
    return UNetConfig(
        channels=tuple(weights[f"dstack.block_{i}_0.conv1.weight"].shape[0] for i in levels),
        blocks=blocks,
        attention=tuple(f"dstack.attn_{i}_0.qkv.weight" in weights for i in levels),
        embed_dim=weights["time_in.weight"].shape[0],
        text_dim=weights["text_proj.weight"].shape[1],
        blend="dstack.blend.weight" in weights,
    )


def load(path):
    """The network of a file of weights, in float32."""
    weights = {n: w.float() for n, w in load_file(path).items()}
    net = UNet(config_of(weights)).to(memory_format=torch.channels_last)
    net.load_state_dict(weights)
    return net


def from_layout(net, x, t, *conditions):
    """v [B, 3, S, S] of x_t at the same time t [B] for all, as a network for pictures half as large guesses it: the Java NoiseExperts."""
    alpha, sigma = (a[0].item() for a in alpha_sigma(t))
    signal, noise = alpha / math.hypot(alpha, sigma / 2), sigma / 2 / math.hypot(alpha, sigma / 2)
    small = F.avg_pool2d(x, 2) / math.hypot(alpha, sigma / 2)
    own = torch.full_like(t, math.atan2(noise, signal) * 2 / math.pi)
    x0 = signal * small - noise * net(small, own, *conditions).float()
    return (alpha * x - F.interpolate(x0, scale_factor=2, mode="nearest")) / sigma


def alpha_sigma(t):
    """Cosine schedule, variance preserving: t = 0 is clean, t = 1 is noise."""
    return torch.cos(t * math.pi / 2), torch.sin(t * math.pi / 2)
