"""Makes what the previous stage would draw of known crops, so that super-resolution learns from its imperfections.

Usage: python imperfect_drafts.py base --crops ../out/sr256 --dataset ../out/dataset --encoder FOLDER --weights ema.safetensors
       python imperfect_drafts.py sr256 --crops ../out/sr1024 --weights ema.safetensors
both with --out drafts.npz --count 1000; base with --levels 0.35 0.75, the noise from which it draws again

A training crop is brought down, noised to a random level and drawn again from there, so that the draft still stands for its
crop. `base` reads the crop's caption and up to three pictures of the same entity; `sr256` reads the crop at a sixteenth.
"""

import argparse
import collections
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import train_super_resolution as sr
from reference_data import WHITE, Data, Encoder
from reimagen_reference import alpha_sigma, load, mixed_precision
from super_resolution_reference import SuperResolutionUNet

STEPS, BATCH = 8, 16


def redraw(x0, start, predict):
    """DDIM from each picture's own noise level [B] down to 0."""
    alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(start))
    x = alpha * x0 + sigma * torch.randn(x0.shape)
    for i in range(STEPS):
        t, t_next = start * (STEPS - i) / STEPS, start * (STEPS - i - 1) / STEPS
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        with mixed_precision("cpu"):
            v = predict(x.contiguous(memory_format=torch.channels_last), t).float()
        x0 = (alpha * x - sigma * v).clamp(-1, 1)
        eps = (x - alpha * x0) / sigma
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t_next))
        x = alpha * x0 + sigma * eps
    return x


class Base:
    """Redraws pictures with the first stage, its references being other pictures of the same entity."""

    def __init__(self, arguments, captions):
        self.net = load(arguments.weights)
        self.encoder, self.data = Encoder(arguments.encoder), Data(arguments.dataset)
        self.captions, self.levels = captions, arguments.levels
        self.entity = {row["id"]: row["entity"] for row in self.data.rows}
        self.members = collections.defaultdict(list)
        for i, row in enumerate(self.data.rows):
            self.members[row["entity"]].append(i)

    def __call__(self, low, ids, rng):
        pictures, texts, index = [], [], []
        for i in ids:
            others = [m for m in self.members[self.entity[i]] if self.data.rows[m]["id"] != i] or [0]
            chosen = [others[k] for k in rng.integers(len(others), size=3)]
            index.append(list(range(len(pictures), len(pictures) + 3)))
            for m in chosen:
                pictures.append(m)
                row = self.data.rows[m]
                texts.append(f"{row['entity']}, {row['style'].replace('-', ' ')} style")
        text = self.encoder.batch([self.captions[i] for i in ids])
        keep, weights = torch.ones(len(ids), dtype=torch.bool), torch.zeros(len(ids), 3)
        x = self.data.pictures(pictures, [WHITE] * len(pictures), 64)
        with mixed_precision("cpu"):
            neighbors = self.net.encode_neighbors(x, *self.encoder.batch(texts), torch.tensor(index), weights)
        start = torch.from_numpy(rng.uniform(*self.levels, len(ids)).astype(np.float32))
        return redraw(low, start, lambda x, t: self.net(x, t, *text, keep, neighbors))


class SuperResolution:
    """Redraws crops with the second stage."""

    def __init__(self, arguments):
        self.net = SuperResolutionUNet(sr.CONFIGS[256]).to(memory_format=torch.channels_last)
        self.net.load_state_dict({n: w.float() for n, w in load_file(arguments.weights).items()})

    def __call__(self, low, ids, rng):
        return sr.sample(self.net, F.avg_pool2d(low, 4), 64, steps=4, level=0.1, seed=int(rng.integers(1 << 30)))


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("stage", choices=("base", "sr256"))
    parser.add_argument("--crops", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dataset", type=Path)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--held-out", action="store_true", help="of held-out pictures, to measure with (held_out_crops.py)")
    parser.add_argument("--levels", type=float, nargs=2, default=(0.35, 0.75), help="base: noise levels from which crops are drawn again")
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    torch.manual_seed(1)
    crops = sr.Crops(arguments.crops, 256, None)
    ids = [row["id"] for row in crops.rows]
    redrawing = Base(arguments, {r["id"]: r["caption"] for r in crops.rows}) if arguments.stage == "base" else SuperResolution(arguments)
    rows = rng.permutation(crops.held_out if arguments.held_out else crops.train)[: arguments.count]
    drafts = []
    for i in range(0, len(rows), BATCH):
        part = rows[i : i + BATCH]
        low = F.avg_pool2d(torch.from_numpy(np.stack([crops.true(r, "white") for r in part])), 4)
        drawn = redrawing(low, [ids[r] for r in part], rng)
        drafts.append(((drawn.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())
        print(f"{i + len(part)} of {len(rows)}", flush=True)
    np.savez(arguments.out, drafts=np.concatenate(drafts), rows=rows)


if __name__ == "__main__":
    main()
