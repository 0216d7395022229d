"""Outlines and coarse colours of pictures as vectors, and a loss that asks a guess for those of its own true picture and of no other."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from reference_data import WHITE

CELLS, BINS, COLOR_WEIGHT = 8, 8, 0.5
SHARPNESS = 8  # of a softmax over squared distances
FAINT = 0.003  # strength of a gradient, and root of a cell's sum, that hardly count where the vector is differentiated
COPIES = 9.0  # what stands for pictures of the thing itself among those it must not resemble: as far away as none is


def descriptors(x, smooth=False):
    """
    Vectors [B, 704] of square pictures [B, 3, S, S] in [-1, 1]: what the Java Descriptor computes at 64, in another order. Smooth, faint
    gradients count less, so that flat areas have no steep derivative.
    """
    rgb, cell, faint = (x.float() + 1) / 2, x.shape[2] // CELLS, FAINT if smooth else 0.0
    grey = F.pad((rgb * torch.tensor([0.299, 0.587, 0.114], device=x.device)[:, None, None]).sum(1, keepdim=True), (1, 1, 1, 1), mode="replicate")[:, 0]
    dx, dy = grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2], grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1]
    if smooth:
        dx = torch.where(dx.abs() < 1e-6, 1e-6, dx)  # the angle of nothing has no derivative
    turn = torch.remainder(torch.atan2(dy, dx) / math.pi, 1) * BINS
    low = turn.detach().floor()
    share, low = (turn - low)[..., None], low.long() % BINS
    votes = F.one_hot(low, BINS) * (1 - share) + F.one_hot((low + 1) % BINS, BINS) * share
    strength = (dx.square() + dy.square() + faint**2).sqrt() - faint
    sums = F.avg_pool2d((votes * strength[..., None]).permute(0, 3, 1, 2), cell).flatten(1) * cell**2
    outlines = (sums + (3 * faint) ** 2).sqrt() - 3 * faint
    colors = F.avg_pool2d(rgb - 0.5, cell).flatten(1)
    least = 0.01 if smooth else 1e-12  # of lengths: nothing at all has no direction
    return torch.cat([F.normalize(outlines, dim=1, eps=least), COLOR_WEIGHT * F.normalize(colors, dim=1, eps=least)], dim=1)


def described(data, side, mirrored=False, smooth=False):
    """Vectors of all pictures of a data set, on white."""
    everything = range(len(data.rows))
    parts = [list(everything[i : i + 512]) for i in everything[::512]]
    pictures = (data.pictures(p, [WHITE] * len(p), side, np.full(len(p), mirrored)) for p in parts)
    return torch.cat([descriptors(x, smooth).cpu() for x in pictures])


class Crowd:
    """Smooth vectors of all training pictures on white, by style, as they are and mirrored; kept in 16 bits."""

    def __init__(self, data, side):
        self.rows = data.rows
        self.vectors = [described(data, side, mirrored, smooth=True).half() for mirrored in (False, True)]
        by_style = {}
        for i, row in enumerate(data.rows):
            if not row["heldOut"]:
                by_style.setdefault(row["style"], []).append(i)
        self.by_style = {style: np.array(rows) for style, rows in by_style.items()}

    def others(self, rng, dealt, count):
        """
        Vectors [B, count, 704] of other pictures of each target's style, mirrored as it is: for targets that are plain, since nothing
        else is in the crowd; zeros for the rest.
        """
        found = torch.zeros(len(dealt.rows), count, self.vectors[0].shape[1])
        for b, row in enumerate(dealt.rows):
            if dealt.plain[b]:
                same_style = self.by_style[self.rows[row]["style"]]
                chosen = same_style[rng.integers(len(same_style), size=count)]
                found[b] = self.vectors[int(dealt.mirrored[b])][chosen].float()
                found[b, [self.rows[i]["entity"] == self.rows[row]["entity"] for i in chosen]] = COPIES
        return found


def contrast(guess, true, entity, plain, others):
    """
    How badly each guess tells its own true picture, by its outlines, from pictures of other things, and from other pictures of the same
    thing: the sum of two cross-entropies, [B, 3, S, S] twice -> [B].

    `entity` [B] numbers what is shown; `others` [B, N, 704] are further pictures of other things, counted where `plain` [B].
    """
    entity, plain, others = (a.to(guess.device) for a in (entity, plain, others))
    foretold, vectors = descriptors(guess, smooth=True), descriptors(true, smooth=True)
    far = foretold.square().sum(1, keepdim=True) + vectors.square().sum(1) - 2 * foretold @ vectors.T
    closeness = -SHARPNESS * far  # [B, B]
    itself = torch.eye(len(entity), dtype=torch.bool, device=guess.device)
    alike = (entity[:, None] == entity) & ~itself
    more = (-SHARPNESS * (foretold[:, None] - others).square().sum(2)).masked_fill(~plain[:, None], -math.inf)
    own = torch.arange(len(entity), device=guess.device)
    thing = F.cross_entropy(torch.cat([closeness.masked_fill(alike, -math.inf), more], 1), own, reduction="none")
    drawing = F.cross_entropy(closeness.masked_fill(~(alike | itself), -math.inf), own, reduction="none")
    return thing + drawing
