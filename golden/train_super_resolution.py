"""Trains a super-resolution stage with the network of super_resolution_reference.py.

Usage: python train_super_resolution.py --crops ../out/sr256 --out run --stage 256 [--imperfect drafts.npz] [--minutes 30]

The crops are those that `reimagen dataset crops` writes. --imperfect adds pairs of what the previous stage draws and the true
crop that it stands for (imperfect_drafts.py). The run resumes from run/state.pt.
"""

import argparse
import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from reimagen_reference import alpha_sigma
from super_resolution_reference import SuperResolutionConfig, SuperResolutionUNet, enlarge
from train_reference import COLORS, LONGEST_STEP, PERMUTATIONS, Muon

CONFIGS = {
    256: SuperResolutionConfig(patch=4, residual_deviation=0.1),
    1024: SuperResolutionConfig(patch=8, residual_deviation=0.06),
}
CROP = {256: 128, 1024: 256}


class Crops:
    """True crops on any background, and drafts of the previous stage with the truth that they stand for."""

    def __init__(self, folder, side, imperfect):
        info = json.loads((folder / "dataset.json").read_text())
        self.size, self.side = info["size"], side
        rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
        self.rgba = np.memmap(folder / "crops.bin", np.uint8, "r", shape=(len(rows), self.size, self.size, 4))
        self.rows = rows
        self.train = [i for i, row in enumerate(rows) if not row["heldOut"]]
        self.held_out = [i for i, row in enumerate(rows) if row["heldOut"]]
        self.drafts = None
        if imperfect:
            file = np.load(imperfect)
            self.drafts, self.draft_rows = file["drafts"], file["rows"]  # [n,64,64,3] uint8, row of crops.bin

    def true(self, i, color, x=0, y=0, side=None):
        side = side or self.size
        a = self.rgba[i, y : y + side, x : x + side].astype(np.float32) / 255
        rgb = a[..., :3] * a[..., 3:] + np.array(COLORS[color], np.float32) / 255 * (1 - a[..., 3:])
        return (rgb * 2 - 1).transpose(2, 0, 1)

    def batch(self, seed, step, n):
        rng = np.random.default_rng([seed, step])
        names, high, low = list(COLORS), [], []
        level = (0.5 * rng.random(n) ** 2).astype(np.float32)
        for k in range(n):
            draft = self.drafts is not None and rng.random() < 0.25
            pick = rng.integers(len(self.draft_rows)) if draft else 0
            row = self.draft_rows[pick] if draft else self.train[rng.integers(len(self.train))]
            color = "white" if draft or rng.random() < 0.6 else names[rng.integers(12)]
            x, y = (int(rng.integers((self.size - self.side) // 4 + 1)) * 4 for _ in range(2))
            h = self.true(row, color, x, y, self.side)
            if draft:
                level[k] = 0.1 + 0.8 * level[k]  # a draft is never exact
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
        u = ((np.arange(n) + rng.random()) / n)[rng.permutation(n)]
        t = (u**2).clip(1e-2, 1 - 1e-4).astype(np.float32)  # residuals are small: what matters lies at low noise
        shapes = (n, 3, self.side, self.side), (n, 3, self.side // 4, self.side // 4)
        noise, low_noise = (torch.from_numpy(rng.standard_normal(s, dtype=np.float32)) for s in shapes)
        high, low = (torch.from_numpy(np.ascontiguousarray(np.stack(a))) for a in (high, low))
        return high, low, torch.from_numpy(t), torch.from_numpy(level), noise, low_noise


def condition(low, level, noise, side):
    """The low-resolution picture as the network sees it: noised to its level, then enlarged."""
    alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(level))
    return enlarge(alpha * low + sigma * noise, side).contiguous(memory_format=torch.channels_last)


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
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x0 = net(x.contiguous(memory_format=torch.channels_last), torch.full((n,), t), c, levels).clamp(-1, 1)
        eps = (x - alpha * x0) / sigma
        alpha, sigma = alpha_sigma(torch.tensor(t_next))
        x = alpha * x0 + sigma * eps
    return x


def evaluate(net, crops, count=32):
    """PSNR of whole held-out crops in decibels: bicubic and the network."""
    high = torch.from_numpy(np.stack([crops.true(i, "white") for i in crops.held_out[:count]]))
    low = F.avg_pool2d(high, 4)
    psnr = lambda a: (-10 * torch.log10(((a.clamp(-1, 1) - high) / 2).pow(2).mean((1, 2, 3)) + 1e-10)).mean().item()
    drawn = torch.cat([sample(net, low[i : i + 8], crops.size) for i in range(0, count, 8)])
    return psnr(enlarge(low, crops.size)), psnr(drawn)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crops", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stage", type=int, choices=sorted(CONFIGS), required=True)
    parser.add_argument("--imperfect", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    side = CROP[arguments.stage]
    net = SuperResolutionUNet(CONFIGS[arguments.stage]).to(device, memory_format=torch.channels_last)
    optimizer, crops = Muon(net), Crops(arguments.crops, side, arguments.imperfect)
    ema, step, spent = {n: p.detach().clone() for n, p in net.named_parameters()}, 0, 0.0
    path = arguments.out / "state.pt"
    if path.exists():
        state = torch.load(path, map_location=device, weights_only=True)
        net.load_state_dict(state["net"])
        optimizer.load(state["optimizer"])
        ema, step, spent = state["ema"], state["step"], state["spent"]
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.1f} M parameters", flush=True)

    def averaged():
        shadow = SuperResolutionUNet(CONFIGS[arguments.stage]).to(device, memory_format=torch.channels_last)
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
        x, low, t, level, noise, low_noise = (a.to(device) for a in crops.batch(arguments.seed, step, arguments.batch))
        c = condition(low, level, low_noise, side)
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        xt = (alpha * x + sigma * noise).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device, dtype=torch.bfloat16):
            out = net(xt, t, c, level)
        loss = ((out - x) / net.preconditioning(t, level)[2]).pow(2).mean()
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
            print(f"step {step} loss {np.mean(losses):.5f} lr {lr:.2e} {spent:.0f} s", flush=True)
            losses = []
        if step % 1000 == 0:
            save()
            print("PSNR bicubic %.2f dB, drawn %.2f dB" % evaluate(averaged(), crops, 16), flush=True)
            tick = time.monotonic()
    save()
    print("PSNR bicubic %.2f dB, drawn %.2f dB" % evaluate(averaged(), crops), flush=True)


if __name__ == "__main__":
    main()
