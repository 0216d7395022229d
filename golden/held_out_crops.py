"""Prints what captions and neighbours are worth to a super-resolution stage that reads them, on held-out pictures.

Usage: python held_out_crops.py ema.safetensors --crops ../out/sr256 --encoder FOLDER [--drafts held_out_drafts.npz]

The loss that the stage is trained by, over whole pictures that have a neighbour in the set: with both, with the caption alone, with
neither, and with those of another picture. Rows are the noise levels of the small picture: a true one, or with --drafts one drawn by the
previous stage (imperfect_drafts.py base --held-out). The same noise for all columns and runs.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from reference_data import Encoder
from reimagen_reference import alpha_sigma, mixed_precision
from super_resolution_reference import ConditionsConfig, SuperResolutionUNet
from train_super_resolution import CONFIGS, Crops, condition

LEVELS, TIMES, BATCH = (0.0, 0.1, 0.2, 0.35, 0.5), (0.999, 0.25, 0.06), 8
READ = ("both", "caption alone", "neither", "of another")

parser = argparse.ArgumentParser()
parser.add_argument("weights", type=Path, nargs="+")
parser.add_argument("--crops", type=Path, required=True)
parser.add_argument("--encoder", type=Path, required=True)
parser.add_argument("--drafts", type=Path)
parser.add_argument("--stage", type=int, choices=sorted(CONFIGS), default=256)
parser.add_argument("--neighbors", type=int, default=2)
parser.add_argument("--count", type=int, default=96)
arguments = parser.parse_args()

crops, encoder = Crops(arguments.crops, 256, arguments.drafts), Encoder(arguments.encoder)
place = {row["id"]: i for i, row in enumerate(crops.rows)}
near = {i: [place[n] for n in crops.rows[i]["neighbors"]][: arguments.neighbors] for i in crops.held_out}
targets = [i for i in crops.held_out if near[i] and (crops.drafts is None or i in crops.draft_of)][: arguments.count]


def read(net, rows, kind):
    """What the network reads for these targets."""
    if kind == "of another":
        rows = [targets[(targets.index(i) + len(targets) // 2) % len(targets)] for i in rows]
    flat = [j for i in rows for j in near[i]]
    neighbors = None
    if kind != "caption alone" and kind != "neither":
        index, weights = torch.zeros(len(rows), arguments.neighbors, dtype=torch.int64), torch.full((len(rows), arguments.neighbors), -torch.inf)
        at = 0
        for b, i in enumerate(rows):
            index[b, : len(near[i])], weights[b, : len(near[i])] = torch.arange(at, at + len(near[i])), 0
            at += len(near[i])
        pictures = torch.from_numpy(np.stack([crops.true(j, "white") for j in flat]))
        states, mask, _ = encoder.batch([crops.rows[j]["caption"] for j in flat])
        neighbors = net.encode_neighbors(pictures, states, mask, index, weights)
    states, mask, _ = encoder.batch([crops.rows[i]["caption"] for i in rows])
    return net.condition(states, mask, torch.full((len(rows),), kind != "neither"), neighbors)


def small(rows, high):
    if crops.drafts is None:
        return F.avg_pool2d(high, 4)
    drafts = np.stack([crops.drafts[crops.draft_of[i]] for i in rows]).astype(np.float32) / 127.5 - 1
    return torch.from_numpy(drafts.transpose(0, 3, 1, 2).copy())


@torch.no_grad()
def losses(net):
    total = np.zeros((len(LEVELS), len(READ)))
    for start in range(0, len(targets), BATCH):
        rows = targets[start : start + BATCH]
        generator = torch.Generator().manual_seed(start)
        high = torch.from_numpy(np.stack([crops.true(i, "white") for i in rows]))
        low, n = small(rows, high), len(rows)
        noise, low_noise = torch.randn(high.shape, generator=generator), torch.randn(low.shape, generator=generator)
        with mixed_precision("cpu"):
            conditions = [read(net, rows, kind) for kind in READ]
            for i, level in enumerate(LEVELS):
                levels = torch.full((n,), level)
                c = condition(low, levels, low_noise, high.shape[2])
                for time in TIMES:
                    t = torch.full((n,), time)
                    alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
                    for j, read_now in enumerate(conditions):
                        out = net(alpha * high + sigma * noise, t, c, levels, read_now).float()
                        total[i, j] += ((out - high) / net.preconditioning(t, levels)[2]).square().mean((1, 2, 3)).sum().item() / len(TIMES)
    return total / len(targets)


for path in arguments.weights:
    weights = {n: w.float() for n, w in load_file(path).items()}
    if "neighbor_attention.q.weight" not in weights:
        parser.error(f"{path}: reads no neighbours")
    net = SuperResolutionUNet(replace(CONFIGS[arguments.stage], conditions=ConditionsConfig(neighbors=arguments.neighbors, neighbor_resolution=arguments.stage)))
    net.load_state_dict(weights)
    net = net.to(memory_format=torch.channels_last)
    print(f"{path}, {len(targets)} {'drafts' if arguments.drafts else 'true pictures'}")
    print("level".ljust(8), *(kind.rjust(14) for kind in READ))
    for level, row in zip(LEVELS, losses(net)):
        print(f"{level:<8g}", *(f"{value:14.5f}" for value in row), flush=True)
