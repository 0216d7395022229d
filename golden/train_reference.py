"""Trains the network of reimagen_reference.py where PyTorch is at hand: the Java trainer's loss and optimiser, other batches.

Usage: python train_reference.py --dataset ../dataset --encoder FOLDER --out run [--init weights.safetensors] [--minutes 60]

The data set is the one that `reimagen dataset build` writes. FOLDER holds bge-small-en-v1.5-q.onnx and its
bge-small-en-v1.5-q-tokenizer.json, as they lie in the jar that the Maven build fetches. The run resumes from run/state.pt; the
learning rate decays over the last fifth of the time, which counts training only, not the time between two runs. A batch holds whole
entities, whose pictures are each other's neighbours. export_model.py turns run/ema.safetensors into a model folder.
"""

import argparse
import collections
import json
import math
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from reimagen_reference import UNet, UNetConfig, alpha_sigma, bfloat16_is_fast, mixed_precision

FAMILIES = ("noto", "fluent-emoji", "emojione")
COLORS = {
    "red": (220, 50, 47), "orange": (245, 150, 50), "yellow": (250, 215, 75), "green": (80, 175, 90), "teal": (40, 160, 160),
    "light blue": (150, 205, 245), "blue": (60, 110, 220), "purple": (140, 90, 200), "pink": (250, 165, 200),
    "brown": (140, 95, 60), "gray": (150, 150, 150), "black": (25, 25, 28), "white": (255, 255, 255),
}  # fmt: skip
LONGEST_STEP = 6.0  # seconds that a step may count as training: more than that, and the process was stopped meanwhile
NEIGHBORS = 4
PERMUTATIONS = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]


class Encoder:
    """Frozen text encoder, one text at a time: quantised on the fly, it would give a batch other states."""

    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(str(folder / "bge-small-en-v1.5-q-tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(64)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(folder / "bge-small-en-v1.5-q.onnx"), options)

    @lru_cache(maxsize=100_000)
    def __call__(self, text):
        ids = np.array([self.tokenizer.encode(text).ids], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states = self.session.run(None, feed)[0][0]
        return states.astype(np.float16), (states[0] / np.linalg.norm(states[0])).astype(np.float16)

    def batch(self, texts):
        encoded = [self(t) for t in texts]
        longest = max(len(s) for s, _ in encoded)
        states = np.zeros((len(texts), longest, 384), np.float32)
        mask = np.zeros((len(texts), longest), bool)
        for i, (s, _) in enumerate(encoded):
            states[i, : len(s)], mask[i, : len(s)] = s, True
        pooled = np.stack([p for _, p in encoded]).astype(np.float32)
        return torch.from_numpy(states), torch.from_numpy(mask), torch.from_numpy(pooled)


class Data:
    """Groups of four pictures of one training entity, from different families where it has them."""

    def __init__(self, folder):
        info = json.loads((folder / "dataset.json").read_text())
        self.size = info["size"]
        self.rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
        shape = (len(self.rows), self.size, self.size, 4)
        self.rgba = np.memmap(folder / "pictures.bin", np.uint8, "r", shape=shape)
        entities = collections.defaultdict(lambda: collections.defaultdict(list))
        for i, row in enumerate(self.rows):
            if not row["heldOut"]:
                entities[row["entity"]][self.family(row["style"])].append(i)
        self.entities = [f for f in entities.values() if len(f) >= 2]

    @staticmethod
    def family(style):
        return next((f for f in FAMILIES if style.startswith(f)), style)

    def mates(self, rng, count):
        """As many pictures as asked for, entity by entity, and the group of each; the last may stand alone."""
        pictures, groups = [], []
        while len(pictures) < count:
            families = self.entities[rng.integers(len(self.entities))]
            names = list(families)
            rng.shuffle(names)
            members = [families[f][rng.integers(len(families[f]))] for f in names[: min(5, count - len(pictures))]]
            if len(members) > 1 or len(pictures) == count - 1:
                groups += [groups[-1] + 1 if groups else 0] * len(members)
                pictures += members
        return pictures, groups

    def caption(self, rng, row, color, nameless):
        words = row["style"].replace("-", " ")
        kind = rng.integers(10)
        tags = row["tags"] or [row["entity"]]
        subject = row["entity"] if kind < 7 else tags[-1] if kind == 7 else " ".join(tags[:3])
        form = rng.integers(6)
        text = f"a {subject} in {words} style" if form == 0 else f"{words} {subject}" if form == 1 else f"{subject}, {words} style"
        if rng.random() < nameless:
            text = f"{words} style"
        if color == "white":
            return text
        return f"{text}, {color} background" if rng.integers(3) == 0 else f"{text}, on a {color} background"

    def picture(self, i, color, side, flip=False, permutation=(0, 1, 2), affine=None):
        a = self.rgba[i].astype(np.float32) / 255
        a = a[:, ::-1] if flip else a
        alpha, rgb = a[..., 3:], a[..., list(permutation)]
        if affine is not None:
            layers = torch.from_numpy(np.concatenate([rgb * alpha, alpha], 2).transpose(2, 0, 1)[None].copy())
            grid = F.affine_grid(affine[None], layers.shape, align_corners=False)
            moved = F.grid_sample(layers, grid, mode="bilinear", align_corners=False)[0].permute(1, 2, 0).numpy()
            x, alpha = moved[..., :3], moved[..., 3:]
        else:
            x = rgb * alpha
        x = x + np.array(COLORS[color], np.float32) / 255 * (1 - alpha)
        if side != self.size:
            k = self.size // side
            x = x.reshape(side, k, side, k, 3).mean((1, 3))
        return (x * 2 - 1).transpose(2, 0, 1)

    @staticmethod
    def affine(rng):
        """A small turn, zoom and shift for a whole group: [2, 3], from where each place of the picture is read."""
        turn, zoom, shift = rng.uniform(-0.35, 0.35), np.exp(rng.uniform(-0.4, 0.2)), rng.uniform(-0.2, 0.2, 2)
        c, s = zoom * math.cos(turn), zoom * math.sin(turn)
        return torch.tensor([[c, -s, shift[0]], [s, c, shift[1]]], dtype=torch.float32)

    def batch(self, seed, step, count, side, encoder, recipe):
        rng = np.random.default_rng([seed, step])
        rows, groups = self.mates(rng, count)
        names, pictures, captions, seen = list(COLORS), [], [], None
        for i, group in zip(rows, groups):
            if group != seen:
                seen, flip = group, rng.random() < 0.5
                permutation = PERMUTATIONS[rng.integers(6) if rng.random() < 0.5 else 0]
                affine = self.affine(rng) if rng.random() < recipe.affine else None
            color = "white" if rng.random() < 0.65 else names[rng.integers(12)]
            pictures.append(self.picture(i, color, side, flip, permutation, affine))
            captions.append(self.caption(rng, self.rows[i], color, recipe.nameless))
        index, weights = np.zeros((count, NEIGHBORS), np.int64), np.full((count, NEIGHBORS), -np.inf, np.float32)
        for i in range(count):
            mates = [j for j in range(count) if j != i and groups[j] == groups[i]]
            rng.shuffle(mates)
            chosen = mates[: rng.integers(1, NEIGHBORS + 1)]
            if len(chosen) < NEIGHBORS and rng.random() < recipe.strangers:
                chosen.append(int(rng.choice([j for j in range(count) if groups[j] != groups[i]])))
            index[i, : len(chosen)], weights[i, : len(chosen)] = chosen, 0
        weights[rng.random(count) < 0.1] = -np.inf
        keep = torch.from_numpy(rng.random(count) >= 0.1)
        u = ((np.arange(count) + rng.random()) / count)[rng.permutation(count)]
        t = (u**recipe.time_power).clip(1e-3, 1 - 1e-4).astype(np.float32)
        x = torch.from_numpy(np.stack(pictures))
        noise = torch.from_numpy(rng.standard_normal(x.shape, dtype=np.float32))
        return x, encoder.batch(captions), torch.from_numpy(index), torch.from_numpy(weights), keep, torch.from_numpy(t), noise


def orthogonal(g, precision=torch.bfloat16):
    """Five Newton-Schulz steps on a stack of matrices [n, rows, columns]."""
    tall = g.shape[1] > g.shape[2]
    x = (g.transpose(1, 2) if tall else g).to(precision)
    x = x / (x.float().norm(dim=(1, 2), keepdim=True) + 1e-7).to(precision)
    x = steps_of_gram(x) if precision == torch.float32 else steps_of_matrix(x)
    return (x.transpose(1, 2) if tall else x).float()


def steps_of_matrix(x):
    for _ in range(5):
        y = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * y + 2.0315 * (y @ y)) @ x
    return x


def steps_of_gram(x):
    """The same steps taken by the small square x x^T, of which each is a polynomial: a third of the work, but not for bfloat16."""
    y, product = x @ x.transpose(1, 2), None
    for i in range(5):
        z = torch.baddbmm(y, y, y, beta=-4.7750, alpha=2.0315)
        z.diagonal(dim1=1, dim2=2).add_(3.4445)
        product = z if product is None else z @ product
        if i < 4:
            y = z @ y @ z
    return product @ x


class Muon:
    """Muon on matrices and kernels, AdamW on the rest."""

    def __init__(self, net, decay=0.01, precision=torch.bfloat16):
        named = list(net.named_parameters())
        self.matrices = {n: p for n, p in named if p.ndim >= 2 and "null" not in n}
        self.momentum = {n: torch.zeros_like(p) for n, p in self.matrices.items()}
        self.rest = torch.optim.AdamW([p for n, p in named if n not in self.matrices], betas=(0.9, 0.98), weight_decay=0)
        self.decay = decay
        self.precision = precision

    @torch.no_grad()
    def step(self, lr):
        for group in self.rest.param_groups:
            group["lr"] = lr
        self.rest.step()
        shapes = collections.defaultdict(list)
        for n, p in self.matrices.items():
            shapes[(p.shape[0], p.numel() // p.shape[0])].append(n)
        for (rows, columns), names in shapes.items():
            stack = []
            for n in names:
                m, g = self.momentum[n], self.matrices[n].grad
                m.mul_(0.95).add_(g)
                stack.append((g + 0.95 * m).reshape(rows, columns))
            updates = orthogonal(torch.stack(stack), self.precision) * (0.2 * math.sqrt(max(rows, columns)))
            for n, u in zip(names, updates):
                p = self.matrices[n]
                p.mul_(1 - lr * self.decay).add_(u.reshape(p.shape), alpha=-lr)

    def state(self):
        return {"momentum": self.momentum, "rest": self.rest.state_dict()}

    def load(self, state):
        for n, m in state["momentum"].items():
            self.momentum[n].copy_(m)
        self.rest.load_state_dict(state["rest"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--init", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--side", type=int, default=64, choices=(32, 64), help="pixels a side to train at")
    parser.add_argument("--affine", type=float, default=0.5, help="share of groups that are turned, zoomed and shifted")
    parser.add_argument("--nameless", type=float, default=0.2, help="share of captions that name the style alone")
    parser.add_argument("--strangers", type=float, default=0.15, help="share of targets with a neighbour that shows something else")
    parser.add_argument("--time-power", type=float, default=0.6, help="times are u to this power: below 1, more noise")
    parser.add_argument("--hold", action="store_true", help="do not decay the learning rate: a later run goes on")
    parser.add_argument("--blend", action="store_true", help="show the stem the mean of the neighbours' pictures")
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    if arguments.batch < 6:
        parser.error(f"--batch {arguments.batch}: must be at least 6, to hold two entities")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    net = UNet(UNetConfig(blend=arguments.blend)).to(device, memory_format=torch.channels_last)
    if arguments.init:
        weights = net.state_dict() | {n: w.float() for n, w in load_file(arguments.init).items()}
        net.load_state_dict(weights)
    precision = torch.bfloat16 if bfloat16_is_fast(device) else torch.float32
    optimizer, data, encoder = Muon(net, precision=precision), Data(arguments.dataset), Encoder(arguments.encoder)
    ema, step, spent = {n: p.detach().clone() for n, p in net.named_parameters()}, 0, 0.0
    path = arguments.out / "state.pt"
    if path.exists():
        state = torch.load(path, map_location=device, weights_only=True)
        net.load_state_dict(state["net"])
        optimizer.load(state["optimizer"])
        ema, step, spent = state["ema"], state["step"], state["spent"]

    def save():
        temporary = path.with_suffix(".tmp")
        state = {"net": net.state_dict(), "ema": ema, "step": step, "spent": spent, "optimizer": optimizer.state()}
        torch.save(state, temporary)
        os.replace(temporary, path)
        save_file({n: e.cpu().contiguous() for n, e in ema.items()}, arguments.out / "ema.safetensors")

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    ahead = ThreadPoolExecutor(1)  # the next batch is dealt while this one trains
    upcoming = ahead.submit(data.batch, arguments.seed, step, arguments.batch, arguments.side, encoder, arguments)
    losses, tick = [], time.monotonic()
    while not stop and spent < 60 * arguments.minutes:
        left = 1.0 if arguments.hold else 1 - spent / (60 * arguments.minutes)
        lr = arguments.lr * min(1, (step + 1) / 100, 5 * left)
        x, text, index, weights, keep, t, noise = upcoming.result()
        upcoming = ahead.submit(data.batch, arguments.seed, step + 1, arguments.batch, arguments.side, encoder, arguments)
        x, index, weights, keep, t, noise = (a.to(device) for a in (x, index, weights, keep, t, noise))
        text = tuple(a.to(device) for a in text)
        x = x.to(memory_format=torch.channels_last)
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        with mixed_precision(device):
            neighbors = net.encode_neighbors(x, *text, index, weights)
            out = net(alpha * x + sigma * noise, t, *text, keep, neighbors)
        loss = F.mse_loss(out.float(), alpha * noise - sigma * x)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        if torch.isfinite(loss) and torch.isfinite(norm):
            optimizer.step(lr)
        net.zero_grad(set_to_none=True)
        step += 1
        with torch.no_grad():
            decay = min(0.998, step / (9 + step))
            torch._foreach_lerp_(list(ema.values()), [p.detach() for p in net.parameters()], 1 - decay)
        losses.append(loss.item())
        now = time.monotonic()
        spent, tick = spent + min(now - tick, LONGEST_STEP), now
        if step % 50 == 0:
            print(f"step {step} loss {np.mean(losses):.4f} lr {lr:.2e} {spent:.0f} s", flush=True)
            losses = []
        if step % 1000 == 0:
            save()
    save()


if __name__ == "__main__":
    main()
