"""Prints how well a held-out picture's outlines can be foretold from its references, without drawing anything.

Usage: python outlines_foretold.py --dataset ../out/dataset [--targets 512] [--steps 3000]

Vectors are those of `eval faithfulness` (Descriptor: outlines in 8x8 cells and coarse colours), on white. A target's references are up to four
pictures of the same entity from other families. Each row says for how many targets the foretold vector is nearest to the true picture's
among all pictures of that style (rank-1), is among the nearest five (rank-5), and is nearer to the true picture's than to any other of the entity's (style).
Rows: a reference as it is; the mean of the references; that mean without what all pictures share, where lengths do not count; a small network's
guess that learned from training entities by squares; the same that learned to tell the true picture from others of its style.
"""

import argparse
import collections
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from outlines import SHARPNESS, described
from reference_data import NEIGHBORS, Data

NEAR = 0.25  # distance below which a reference counts as a copy of the truth
BATCH, WIDTH = 256, 512


class Gallery:
    """Vectors of all pictures, and who shows what in which style."""

    def __init__(self, data):
        self.rows = data.rows
        self.vectors = described(data, 64)
        self.family = [Data.family(r["style"]) for r in data.rows]
        self.styles = sorted({r["style"] for r in data.rows})
        self.style = torch.tensor([self.styles.index(r["style"]) for r in data.rows])
        self.entity = collections.defaultdict(list)
        for i, row in enumerate(data.rows):
            self.entity[row["entity"]].append(i)

    def others(self, i):
        """Pictures of the same entity from other families, that are no copies."""
        others = [j for j in self.entity[self.rows[i]["entity"]] if self.family[j] != self.family[i]]
        return [j for j in others if (self.vectors[i] - self.vectors[j]).norm() > NEAR]

    def targets(self, count):
        """Held-out pictures of which two other families or more have one, and up to four references each, new families first."""
        rng, found = np.random.default_rng(5), []
        for i, row in enumerate(self.rows):
            others = [int(j) for j in rng.permutation(self.others(i))] if row["heldOut"] else []
            first = list({self.family[j]: j for j in reversed(others)}.values())[::-1]
            if len(first) >= 2:
                found.append((i, (first + [j for j in others if j not in first])[:NEIGHBORS]))
        return [found[k] for k in rng.permutation(len(found))[:count]]

    def training(self):
        """Training pictures with all their references, and the same by style."""
        by_style = collections.defaultdict(list)
        for i, row in enumerate(self.rows):
            others = [] if row["heldOut"] else self.others(i)
            if others:
                by_style[row["style"]].append((i, others))
        return [pair for pairs in by_style.values() for pair in pairs], list(by_style.values())

    def report(self, name, targets, foretold):
        """Prints a row."""
        first = five = style = 0
        for (i, _), vector in zip(targets, foretold):
            distance = (self.vectors - vector).square().sum(1)
            rank = (distance[self.style == self.style[i]] < distance[i]).sum().item()
            own = self.entity[self.rows[i]["entity"]]
            nearest = own[distance[own].argmin()]
            first, five, style = first + (rank < 1), five + (rank < 5), style + (self.family[nearest] == self.family[i])
        print(f"{name:64} rank-1 {first / len(targets):4.0%}  rank-5 {five / len(targets):4.0%}  style {style / len(targets):4.0%}", flush=True)


class Foreteller(nn.Module):
    """References' vectors and styles, and the style asked for -> a vector."""

    def __init__(self, styles, dim):
        super().__init__()
        self.kinship = nn.Parameter(torch.zeros(styles, styles))
        self.read, self.asked = nn.Embedding(styles, 64), nn.Embedding(styles, 64)
        self.each = nn.Sequential(nn.Linear(dim + 128, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH), nn.GELU())
        self.all = nn.Sequential(nn.Linear(WIDTH + 64 + dim, WIDTH), nn.GELU(), nn.Dropout(0.2), nn.Linear(WIDTH, dim))
        nn.init.zeros_(self.all[-1].weight)
        nn.init.zeros_(self.all[-1].bias)

    def forward(self, vectors, styles, seen, asked):
        weights = self.kinship[asked[:, None], styles].masked_fill(~seen, -math.inf).softmax(1)[..., None]
        mean, wish = (weights * vectors).sum(1), self.asked(asked)
        each = self.each(torch.cat([vectors, self.read(styles), wish[:, None].expand(-1, vectors.shape[1], -1)], dim=2))
        return mean + self.all(torch.cat([(weights * each).sum(1), wish, mean], dim=1))


def inputs(gallery, pairs, rng=None):
    """Up to four references of each target, drawn with `rng`, or the first."""
    vectors = torch.zeros(len(pairs), NEIGHBORS, gallery.vectors.shape[1])
    styles, seen = torch.zeros(len(pairs), NEIGHBORS, dtype=torch.int64), torch.zeros(len(pairs), NEIGHBORS, dtype=torch.bool)
    for b, (_, others) in enumerate(pairs):
        chosen = list(rng.permutation(others)[:NEIGHBORS]) if rng else others
        vectors[b, : len(chosen)], styles[b, : len(chosen)], seen[b, : len(chosen)] = gallery.vectors[chosen], gallery.style[chosen], True
    return vectors, styles, seen, gallery.style[[i for i, _ in pairs]]


def learned(gallery, everything, by_style, steps, contrast):
    """A network that learned by squares, or with contrast to tell each true vector from others of its style as well."""
    torch.manual_seed(0)
    rng, net = np.random.default_rng(0), Foreteller(len(gallery.styles), gallery.vectors.shape[1])
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=0.05)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 1e-3 * min(1, 1.5 * (1 - step / steps))
        source = by_style[rng.integers(len(by_style))] if contrast else everything
        pairs = [source[k] for k in rng.integers(len(source), size=BATCH)]
        ids = torch.tensor([i for i, _ in pairs])
        true, foretold = gallery.vectors[ids], net(*inputs(gallery, pairs, rng))
        loss = (foretold - true).square().sum(1).mean()
        if contrast:
            again = (ids[:, None] == ids) & ~torch.eye(BATCH, dtype=torch.bool)
            closeness = (-SHARPNESS * torch.cdist(foretold, true).square()).masked_fill(again, -math.inf)
            loss = loss + 0.3 * F.cross_entropy(closeness, torch.arange(BATCH))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.eval()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--targets", type=int, default=512)
    parser.add_argument("--steps", type=int, default=3000)
    arguments = parser.parse_args()
    gallery = Gallery(Data(arguments.dataset))
    targets, training = gallery.targets(arguments.targets), gallery.training()
    first = gallery.vectors[[others[0] for _, others in targets]]
    mean = torch.stack([gallery.vectors[others].mean(0) for _, others in targets])
    gallery.report("one reference", targets, first)
    gallery.report("the mean of the references", targets, mean)
    common = gallery.vectors.mean(0)
    gallery.report("that mean without what all share, five times as long", targets, common + 5 * (mean - common))
    for contrast, name in ((False, "learned by squares"), (True, "learned by squares, and to tell the true one from others")):
        net = learned(gallery, *training, arguments.steps, contrast)
        with torch.no_grad():
            gallery.report(name, targets, net(*inputs(gallery, targets)))


if __name__ == "__main__":
    main()
