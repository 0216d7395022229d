"""Trains a small classifier of styles, whose features tell how pictures are drawn; a loss compares them (train_reference.py --looks).

Usage: python looks.py --dataset ../dataset --out looks.safetensors [--minutes 9]

Three stages of convolutions at 32x32, 16x16 and 8x8, trained on one core, on pictures that are shifted, blurred and mottled now and then.
Prints how many held-out pictures it knows by style.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

from reference_data import NAMES, WHITE, Data
from reimagen_reference import mixed_precision

WIDTHS, BATCH, RATE = (32, 64, 128), 96, 3e-3


class Classifier(nn.Module):
    """Pictures [B, 3, 64, 64] in [-1, 1] -> logits of the styles [B, styles]."""

    def __init__(self, styles):
        super().__init__()
        stages, last = [], 3
        for width in WIDTHS:
            first = nn.Conv2d(last, width, 4 if last == 3 else 3, padding=1, stride=2)
            second = nn.Conv2d(width, width, 3, padding=1)
            stages.append(nn.Sequential(first, nn.BatchNorm2d(width), nn.SiLU(), second, nn.BatchNorm2d(width), nn.SiLU()))
            last = width
        self.stages = nn.ModuleList(stages)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(last, styles))

    def features(self, x):
        """Of each stage: [B, C, S, S]."""
        found = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found

    def forward(self, x):
        return self.head(self.features(x)[-1])


class Looks:
    """How unlike two pictures are drawn: mean squared difference of the features, each stage's by the true pictures' variance."""

    def __init__(self, path, device):
        weights = load_file(path)
        net = Classifier(weights["head.3.weight"].shape[0]).to(memory_format=torch.channels_last)
        net.load_state_dict(weights)
        self.net = net.to(device).eval().requires_grad_(False)

    def __call__(self, guess, true):
        """[B, 3, 64, 64] twice -> [B]."""
        with mixed_precision(guess.device.type):
            ours = self.net.features(guess.clamp(-1.2, 1.2).contiguous(memory_format=torch.channels_last))
            with torch.no_grad():
                theirs = self.net.features(true.contiguous(memory_format=torch.channels_last))
        pairs = [(a.float(), b.float()) for a, b in zip(ours, theirs)]
        apart = [(a - b).square() / b.var((0, 2, 3), keepdim=True).clamp(min=1e-4) for a, b in pairs]
        return sum(a.mean((1, 2, 3)) for a in apart) / len(apart)


def worn(x, rng):
    """Shifted by up to two pixels; a quarter blurred, half of them mottled and grainy."""

    def share(p):
        return torch.tensor(rng.random((len(x), 1, 1, 1)) < p)

    x = torch.roll(x, (int(rng.integers(-2, 3)), int(rng.integers(-2, 3))), (2, 3))
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    x = torch.where(share(0.25), (x + blurred) / 2, x)
    mottle = F.interpolate(torch.randn(len(x), 3, 32, 32), scale_factor=2, mode="bilinear") * 0.08 * torch.rand(len(x), 1, 1, 1)
    grain = torch.randn(x.shape) * 0.05 * torch.rand(len(x), 1, 1, 1)
    return torch.where(share(0.5), (x + mottle + grain).clamp(-1, 1), x)


@torch.no_grad()
def known(net, data, rows, labels):
    """Share of pictures whose style it knows."""
    net.eval()
    parts = [rows[i : i + 256] for i in range(0, len(rows), 256)]
    right = sum((net(data.pictures(p, [WHITE] * len(p), 64)).argmax(1) == labels[p]).sum().item() for p in parts)
    net.train()
    return right / len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=9)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    rng, data = np.random.default_rng(0), Data(arguments.dataset)
    labels = torch.tensor([data.styles.index(row["style"].replace("-", " ")) for row in data.rows])
    held_out = [i for i, row in enumerate(data.rows) if row["heldOut"]]
    by_style = [[i for i, row in enumerate(data.rows) if labels[i] == s and not row["heldOut"]] for s in range(len(data.styles))]
    net = Classifier(len(data.styles)).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.02)
    start, step = time.monotonic(), 0
    while (left := 1 - (time.monotonic() - start) / (60 * arguments.minutes)) > 0:
        optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / 100, 1.5 * left)
        rows = [by_style[s][rng.integers(len(by_style[s]))] for s in rng.integers(len(by_style), size=BATCH)]
        colors = [WHITE if rng.random() < 0.65 else int(rng.integers(len(NAMES) - 1)) for _ in rows]
        x = worn(data.pictures(rows, colors, 64, rng.random(BATCH) < 0.5), rng)
        with mixed_precision("cpu"):
            logits = net(x.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), labels[rows], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        if step % 200 == 0:
            print(f"step {step} loss {loss.item():.3f}, held-out styles known {known(net, data, held_out, labels):.1%}", flush=True)
    print(f"held-out styles known {known(net, data, held_out, labels):.1%}")
    save_file({n: w.contiguous() for n, w in net.state_dict().items()}, arguments.out)


if __name__ == "__main__":
    main()
