"""Prints a checkpoint's loss of v on held-out pictures by noise level, with their neighbours and without.

Usage: python held_out_loss.py ema.safetensors --dataset ../dataset --encoder FOLDER [--side 32 | --layout] [--levels 0.05,0.1,0.2]

With --layout the weights are a layout network's, asked at 64×64 as the sampler asks it. Behind each loss stands how blotched the guesses of
x_0 are: the share of neighbouring pixels that differ faintly, by 0.02 to 0.15 of the range; the first row says it of the true pictures.

Cheaper than drawing a few hundred samples, and what short runs are compared by; it is no measure of faithfulness, and its pictures
overlap those of `eval faithfulness`. 256 held-out pictures whose entity has two or more pictures in other families; up to four of those are the neighbours; the same noise for every run.
"""

import argparse
import collections
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from reference_data import NEIGHBORS, Data, Encoder
from reimagen_reference import alpha_sigma, from_layout, load, mixed_precision

LEVELS = (0.9999, 0.97, 0.9, 0.8, 0.65, 0.45, 0.25)
LAYOUT_LEVELS = (0.9999, 0.97, 0.9, 0.8)

parser = argparse.ArgumentParser()
parser.add_argument("weights", type=Path, nargs="+")
parser.add_argument("--dataset", type=Path, required=True)
parser.add_argument("--encoder", type=Path, required=True)
parser.add_argument("--side", type=int, default=64)
parser.add_argument("--layout", action="store_true")
parser.add_argument("--count", type=int, default=256)
parser.add_argument("--levels", type=lambda text: tuple(float(t) for t in text.split(",")), help="times to measure at")
arguments = parser.parse_args()
levels = arguments.levels or (LAYOUT_LEVELS if arguments.layout else LEVELS)

data, encoder = Data(arguments.dataset), Encoder(arguments.encoder)
others = collections.defaultdict(list)
for i, row in enumerate(data.rows):
    if row["heldOut"]:
        others[row["entity"]].append(i)
rng = np.random.default_rng(5)
targets = []
for members in others.values():
    for i in members:
        own = Data.family(data.rows[i]["style"])
        mates = [j for j in members if Data.family(data.rows[j]["style"]) != own]
        if len({Data.family(data.rows[j]["style"]) for j in mates}) >= 2:
            targets.append((i, list(rng.permutation(mates)[:NEIGHBORS])))
targets = [targets[i] for i in rng.permutation(len(targets))[: arguments.count]]


def text(rows):
    return encoder.batch([f"{r['entity']}, {r['style'].replace('-', ' ')} style" for r in rows])


def shown(pictures):
    """Neighbours' pictures as the network reads them."""
    return F.avg_pool2d(pictures, 2) if arguments.layout else pictures


def picture(i):
    return data.picture(i, "white", arguments.side)


def blotched(pictures):
    """Sum over pictures [B, 3, S, S] in [-1, 1] of the share of neighbouring pixels that differ faintly."""
    shares = []
    for d in (2, 3):
        step = pictures.clamp(-1, 1).diff(dim=d).abs().amax(1) / 2
        shares.append(((step > 0.02) & (step < 0.15)).float().mean((1, 2)))
    return sum(shares).sum().item() / 2


@torch.no_grad()
def losses(net, neighbors):
    total, faint = collections.defaultdict(float), collections.defaultdict(float)
    for start in range(0, len(targets), 32):
        part = targets[start : start + 32]
        x = torch.from_numpy(np.stack([picture(i) for i, _ in part]))
        noise = torch.from_numpy(np.random.default_rng(start).standard_normal(x.shape, dtype=np.float32))
        flat = [j for _, mates in part for j in mates]
        index = torch.zeros(len(part), NEIGHBORS, dtype=torch.int64)
        weights = torch.full((len(part), NEIGHBORS), -torch.inf)
        first = 0
        for b, (_, mates) in enumerate(part):
            index[b, : len(mates)] = torch.arange(first, first + len(mates))
            weights[b, : len(mates)] = 0 if neighbors else -torch.inf
            first += len(mates)
        with mixed_precision("cpu"):
            encoded = net.encode_neighbors(
                shown(torch.from_numpy(np.stack([picture(j) for j in flat]))), *text([data.rows[j] for j in flat]), index, weights
            )
            words, keep = text([data.rows[i] for i, _ in part]), torch.ones(len(part), dtype=torch.bool)
            for level in levels:
                t = torch.full((len(part),), level)
                alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
                xt = alpha * x + sigma * noise
                out = from_layout(net, xt, t, *words, keep, encoded) if arguments.layout else net(xt, t, *words, keep, encoded).float()
                total[level] += (out - (alpha * noise - sigma * x)).square().mean((1, 2, 3)).sum().item()
                faint[level] += blotched(alpha * xt - sigma * out)
    return [(total[level] / len(targets), faint[level] / len(targets)) for level in levels]


print("t".ljust(40), *(f"{level:11.4g}" for level in levels), "   mean")
true = sum(blotched(torch.from_numpy(picture(i)[None])) for i, _ in targets) / len(targets)
print("the true pictures".ljust(40), *(f"       {true:4.2f}" for _ in levels))
for path in arguments.weights:
    net = load(path)
    for name, neighbors in (("with neighbours", True), ("without", False)):
        values = losses(net, neighbors)
        print(f"{str(path)[-22:]} {name}".ljust(40), *(f"{loss:.4f} {faint:4.2f}" for loss, faint in values), f"{np.mean([loss for loss, _ in values]):7.4f}", flush=True)
