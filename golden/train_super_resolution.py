"""Trains a super-resolution stage with the network of super_resolution_reference.py.

Usage: python train_super_resolution.py --crops ../out/sr256 --out run --stage 256 [--imperfect drafts.npz] [--minutes 30]
       with --encoder FOLDER [--neighbors 2] the stage reads captions and neighbours; [--init weights.safetensors] of either kind

The crops are those that `reimagen dataset crops` writes. --imperfect adds pairs of what the previous stage draws and the true
crop that it stands for (imperfect_drafts.py). The run resumes from run/state.pt.
"""

import argparse
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from reference_data import COLORS, PERMUTATIONS, Encoder
from reimagen_reference import alpha_sigma, bfloat16_is_fast, mixed_precision
from super_resolution_reference import ConditionsConfig, SuperResolutionConfig, SuperResolutionUNet, enlarge
from train_reference import LONGEST_STEP, Muon

CONFIGS = {
    256: SuperResolutionConfig(patch=4, residual_deviation=0.1),
    1024: SuperResolutionConfig(patch=8, residual_deviation=0.06),
}
CROP = {256: 128, 1024: 256}
GROUP, DROP = 4, 0.1


class Crops:
    """True crops on any background, and drafts of the previous stage with the truth that they stand for."""

    def __init__(self, folder, side, imperfect, share=0.25, least_level=0.1):
        self.share, self.least_level = share, least_level
        info = json.loads((folder / "dataset.json").read_text())
        self.size, self.side = info["size"], side
        rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
        self.rgba = np.memmap(folder / "crops.bin", np.uint8, "r", shape=(len(rows), self.size, self.size, 4))
        self.rows = rows
        place = {row["id"]: i for i, row in enumerate(rows)}
        self.neighbors = [[place[n] for n in row.get("neighbors", []) if not rows[place[n]]["heldOut"]] for row in rows]
        self.train = [i for i, row in enumerate(rows) if not row["heldOut"]]
        self.held_out = [i for i, row in enumerate(rows) if row["heldOut"]]
        self.drafts = None
        if imperfect:
            file = np.load(imperfect)
            self.drafts, self.draft_rows = file["drafts"], file["rows"]  # [n,64,64,3] uint8, row of crops.bin
            self.draft_of = {int(row): i for i, row in enumerate(self.draft_rows)}

    def true(self, i, color, x=0, y=0, side=None):
        side = side or self.size
        a = self.rgba[i, y : y + side, x : x + side].astype(np.float32) / 255
        rgb = a[..., :3] * a[..., 3:] + np.array(COLORS[color], np.float32) / 255 * (1 - a[..., 3:])
        return (rgb * 2 - 1).transpose(2, 0, 1)

    def draft_level(self, level):
        """The noise level of a draft from that of a true crop, in [0, 0.5]: at least least_level, since a draft is never exact."""
        return self.least_level + (1 - 2 * self.least_level) * level

    def batch(self, seed, step, n):
        rng = np.random.default_rng([seed, step])
        names, high, low = list(COLORS), [], []
        level = (0.5 * rng.random(n) ** 2).astype(np.float32)
        for k in range(n):
            draft = self.drafts is not None and rng.random() < self.share
            pick = rng.integers(len(self.draft_rows)) if draft else 0
            row = self.draft_rows[pick] if draft else self.train[rng.integers(len(self.train))]
            color = "white" if draft or rng.random() < 0.6 else names[rng.integers(12)]
            x, y = (int(rng.integers((self.size - self.side) // 4 + 1)) * 4 for _ in range(2))
            h = self.true(row, color, x, y, self.side)
            if draft:
                level[k] = self.draft_level(level[k])
                l = self.drafts[pick, y // 4 : (y + self.side) // 4, x // 4 : (x + self.side) // 4]
                l = (l.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)
            else:
                l = h.reshape(3, self.side // 4, 4, self.side // 4, 4).mean((2, 4))
            p = list(PERMUTATIONS[rng.integers(6) if rng.random() < 0.3 else 0])
            if rng.random() < 0.5:
                h, l = h[:, :, ::-1], l[:, :, ::-1]
            if rng.random() < 0.3:
                h, l = h.transpose(0, 2, 1), l.transpose(0, 2, 1)
            high.append(h[p])
            low.append(l[p])
        return self.tensors(rng, high, low, level)

    def tensors(self, rng, high, low, level):
        n = len(high)
        u = ((np.arange(n) + rng.random()) / n)[rng.permutation(n)]
        t = (u**2).clip(1e-2, 1 - 1e-4).astype(np.float32)  # residuals are small: what matters lies at low noise
        shapes = (n, 3, self.side, self.side), (n, 3, self.side // 4, self.side // 4)
        noise, low_noise = (torch.from_numpy(rng.standard_normal(s, dtype=np.float32)) for s in shapes)
        high, low = (torch.from_numpy(np.ascontiguousarray(np.stack(a))) for a in (high, low))
        return high, low, torch.from_numpy(t), torch.from_numpy(level), noise, low_noise

    def mates(self, rng):
        """A training picture and up to three that it retrieves."""
        leader = self.train[rng.integers(len(self.train))]
        others = self.neighbors[leader]
        return [leader, *(others[k] for k in rng.permutation(len(others))[: GROUP - 1])]

    def conditioned(self, seed, step, n, most):
        """As batch, in groups whose pictures are each other's neighbours; also what of them each target reads."""
        rng = np.random.default_rng([seed, step])
        names, high, low, places, whole, rows = list(COLORS), [], [], [], [], []
        level, index, log_weights = (0.5 * rng.random(n) ** 2).astype(np.float32), np.zeros((n, most), np.int64), np.full((n, most), -np.inf, np.float32)
        while len(rows) < n:
            group = self.mates(rng)[: n - len(rows)]
            turn = rng.random() < 0.5, rng.random() < 0.3, PERMUTATIONS[rng.integers(6) if rng.random() < 0.3 else 0]
            for row in group:
                draft = self.drafts is not None and row in self.draft_of and rng.random() < 0.8
                full = self.turned(self.true(row, "white" if draft or rng.random() < 0.6 else names[rng.integers(12)]), *turn)
                x, y = (int(rng.integers((self.size - self.side) // 4 + 1)) * 4 for _ in range(2))
                h = full[:, y : y + self.side, x : x + self.side]
                l = h.reshape(3, self.side // 4, 4, self.side // 4, 4).mean((2, 4))
                if draft:
                    level[len(rows)] = self.draft_level(level[len(rows)])
                    drawn = (self.drafts[self.draft_of[row]].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)
                    l = self.turned(drawn, *turn)[:, y // 4 : (y + self.side) // 4, x // 4 : (x + self.side) // 4]
                read = [k for k, mate in enumerate(group) if mate in self.neighbors[row]]
                rng.shuffle(read)
                read = read[: rng.integers(1, most + 1)] if most else []
                start, at = len(rows) - group.index(row), len(rows)
                index[at, : len(read)] = [start + k for k in read]
                if rng.random() >= DROP:
                    log_weights[at, : len(read)] = 0
                rows.append(row)
                whole.append(full)
                high.append(h)
                low.append(l)
                places.append((x / self.size, y / self.size, self.side / self.size))
        keep = torch.from_numpy(rng.random(n) >= DROP)
        seen = sorted({int(i) for i in index[np.isfinite(log_weights)]})  # only these are encoded
        pictures = torch.from_numpy(np.ascontiguousarray(np.stack([whole[i] for i in seen]))) if seen else None
        index = np.searchsorted(seen, index).clip(0, max(0, len(seen) - 1))
        captions = [self.rows[i]["caption"] for i in rows]
        reading = (captions, keep, pictures, [captions[i] for i in seen], torch.from_numpy(index), torch.from_numpy(log_weights))
        return self.tensors(rng, high, low, level), reading, torch.tensor(places, dtype=torch.float32)

    @staticmethod
    def turned(a, flip, transpose, permutation):
        a = a[list(permutation)]
        a = a[:, :, ::-1] if flip else a
        return a.transpose(0, 2, 1) if transpose else a


def read(net, encoder, reading, device, fixed):
    """What the network reads of a batch's captions and neighbours; with fixed, no gradient flows into their pictures' encoding."""
    captions, keep, pictures, their_captions, index, log_weights = reading
    neighbors = None
    if pictures is not None:
        x = pictures.to(device, memory_format=torch.channels_last)
        states, mask, _ = (a.to(device) for a in encoder.batch(their_captions))
        with torch.set_grad_enabled(not fixed):
            encoded = net.encode_pictures(x, states, mask)
        if fixed:
            torch.clear_autocast_cache()  # its copies of the weights know no gradient, and the targets' encoding would take them
        neighbors = net.read_neighbors(encoded, index.to(device), log_weights.to(device))
    states, mask, _ = (a.to(device) for a in encoder.batch(captions))
    return net.condition(states, mask, keep.to(device), neighbors)


def condition(low, level, noise, side):
    """The low-resolution picture as the network sees it: noised to its level, then enlarged."""
    alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(level))
    return enlarge(alpha * low + sigma * noise, side).contiguous(memory_format=torch.channels_last)


def slopes(a):
    """Squared length of the gradient by central differences, summed over channels: [n,3,h,w] -> [n,1,h-2,w-2]."""
    x, y = a[:, :, 1:-1, 2:] - a[:, :, 1:-1, :-2], a[:, :, 2:, 1:-1] - a[:, :, :-2, 1:-1]
    return (x * x + y * y).sum(1, keepdim=True) / 4


def edge_loss(out, x, patch=8):
    """
    By how much the edges of each patch are weaker than the true ones, relative to those: the root of the mean squared gradient counts,
    wherever in the patch the edge lies. A mean square alone draws an edge of unsure place soft.
    """
    drawn, true = ((F.avg_pool2d(slopes(a), patch) + 1e-5).sqrt() for a in (out, x))
    return ((true - drawn).relu().pow(2).mean((1, 2, 3)) / true.pow(2).mean((1, 2, 3))).mean()


@torch.no_grad()
def sample(net, low, side, steps=4, level=0.0, seed=0):
    """DDIM over the cosine schedule."""
    g = torch.Generator().manual_seed(seed)
    n = low.shape[0]
    levels = torch.full((n,), level)
    c = condition(low, levels, torch.randn(low.shape, generator=g), side)
    x = torch.randn((n, 3, side, side), generator=g)
    times = [0.999 * ((steps - i) / steps) ** 2 for i in range(steps)] + [0.0]
    for t, t_next in zip(times, times[1:]):
        alpha, sigma = alpha_sigma(torch.tensor(t))
        with mixed_precision("cpu"):
            x0 = net(x.contiguous(memory_format=torch.channels_last), torch.full((n,), t), c, levels).clamp(-1, 1)
        eps = (x - alpha * x0) / sigma
        alpha, sigma = alpha_sigma(torch.tensor(t_next))
        x = alpha * x0 + sigma * eps
    return x


def evaluate(net, crops, count=32):
    """PSNR of whole held-out crops in decibels, bicubic and the network, and its strongest 3 % of gradients beside the true ones."""
    high = torch.from_numpy(np.stack([crops.true(i, "white") for i in crops.held_out[:count]]))
    low = F.avg_pool2d(high, 4)
    psnr = lambda a: (-10 * torch.log10(((a.clamp(-1, 1) - high) / 2).pow(2).mean((1, 2, 3)) + 1e-10)).mean().item()
    drawn = torch.cat([sample(net, low[i : i + 8], crops.size, steps=2) for i in range(0, count, 8)])
    strongest = lambda a: slopes(a).sqrt().flatten(1).sort(descending=True).values[:, : crops.size**2 * 3 // 100].mean().item()
    return psnr(enlarge(low, crops.size)), psnr(drawn), strongest(drawn.clamp(-1, 1)) / strongest(high)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crops", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stage", type=int, choices=sorted(CONFIGS), required=True)
    parser.add_argument("--imperfect", type=Path)
    parser.add_argument("--draft-share", type=float, default=0.25, help="share of crops whose small version is a draft, without --encoder")
    parser.add_argument("--draft-level", type=float, default=0.1, help="least noise level of a draft: 0 to learn to mend what is sampled at level 0")
    parser.add_argument("--init", type=Path, help="weights to start from; conditions that they lack start at zero")
    parser.add_argument("--encoder", type=Path, help="folder of the text encoder: read captions and neighbours")
    parser.add_argument("--neighbors", type=int, default=2, help="with --encoder, at most so many neighbours are read")
    parser.add_argument("--fixed-neighbors", action="store_true", help="no gradient through the neighbours' encoding: cheaper")
    parser.add_argument("--edges", type=float, default=0, help="weight of edges as strong as the true ones beside the mean square")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--save-every", type=int, default=1000, help="steps between two checkpoints with their PSNR")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    side = CROP[arguments.stage]
    config, encoder = CONFIGS[arguments.stage], None
    if arguments.encoder:
        encoder = Encoder(arguments.encoder)
        config = replace(config, conditions=ConditionsConfig(neighbors=arguments.neighbors, neighbor_resolution=arguments.stage))
    net = SuperResolutionUNet(config).to(device, memory_format=torch.channels_last)
    if arguments.init:
        missing, surplus = net.load_state_dict({n: w.float() for n, w in load_file(arguments.init).items()}, strict=False)
        wrong = surplus + [n for n in missing if not n.startswith(("text_attention.", "neighbor_attention."))]
        if wrong:
            parser.error(f"--init {arguments.init}: does not fit this network, see {wrong[0]}")
    precision = torch.bfloat16 if bfloat16_is_fast(device) else torch.float32
    optimizer, crops = Muon(net, precision=precision), Crops(arguments.crops, side, arguments.imperfect, arguments.draft_share, arguments.draft_level)
    ema, step, spent = {n: p.detach().clone() for n, p in net.named_parameters()}, 0, 0.0
    path = arguments.out / "state.pt"
    if path.exists():
        state = torch.load(path, map_location=device, weights_only=True)
        net.load_state_dict(state["net"])
        optimizer.load(state["optimizer"])
        ema, step, spent = state["ema"], state["step"], state["spent"]
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.1f} M parameters", flush=True)

    def averaged():
        shadow = SuperResolutionUNet(config).to(device, memory_format=torch.channels_last)
        shadow.load_state_dict(ema)
        return shadow

    def save():
        temporary = path.with_suffix(".tmp")
        state = {"net": net.state_dict(), "ema": ema, "step": step, "spent": spent, "optimizer": optimizer.state()}
        torch.save(state, temporary)
        os.replace(temporary, path)
        save_file({n: e.cpu().contiguous() for n, e in ema.items()}, arguments.out / "ema.safetensors")

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    losses, tick = [], time.monotonic()
    while not stop and spent < 60 * arguments.minutes:
        left = 1 - spent / (60 * arguments.minutes)
        lr = arguments.lr * min(1, (step + 1) / 100, 5 * left)
        place = None
        if encoder:
            dealt, reading, place = crops.conditioned(arguments.seed, step, arguments.batch, arguments.neighbors)
            place = place.to(device)
        else:
            dealt = crops.batch(arguments.seed, step, arguments.batch)
        x, low, t, level, noise, low_noise = (a.to(device) for a in dealt)
        c = condition(low, level, low_noise, side)
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        xt = (alpha * x + sigma * noise).contiguous(memory_format=torch.channels_last)
        with mixed_precision(device):
            out = net(xt, t, c, level, read(net, encoder, reading, device, arguments.fixed_neighbors) if encoder else None, place)
        loss = ((out - x) / net.preconditioning(t, level)[2]).pow(2).mean()
        if arguments.edges:
            loss = loss + arguments.edges * edge_loss(out.float(), x)
        loss.backward()
        untaught = [n for n, p in net.named_parameters() if p.grad is None and not n.startswith("neighbor_attention.")]
        if untaught:  # a batch may read no neighbour, but all else answers for every picture
            raise SystemExit(f"no gradient reaches {untaught[0]} and {len(untaught) - 1} more")
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
            print(f"step {step} loss {np.mean(losses):.5f} lr {lr:.2e} {spent:.0f} s", flush=True)
            losses = []
        if step % arguments.save_every == 0:
            save()
            print("PSNR bicubic %.2f dB, drawn %.2f dB, edges %.2f of the true" % evaluate(averaged(), crops, 16), flush=True)
            tick = time.monotonic()
    save()
    print("PSNR bicubic %.2f dB, drawn %.2f dB, edges %.2f of the true" % evaluate(averaged(), crops), flush=True)


if __name__ == "__main__":
    main()
