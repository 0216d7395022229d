"""Trains the network of reimagen_reference.py where PyTorch is at hand: the Java trainer's loss and optimiser, other batches.

Usage: python train_reference.py --dataset ../dataset --encoder FOLDER --out run [--init weights.safetensors] [--minutes 60]

The data set is the one that `reimagen dataset build` writes. FOLDER holds bge-small-en-v1.5-q.onnx and its
bge-small-en-v1.5-q-tokenizer.json, as they lie in the jar that the Maven build fetches. The run resumes from run/state.pt; the
learning rate decays over the last fifth of the time, which counts training only, not the time between two runs. A batch holds whole
entities, whose pictures are each other's neighbours. export_model.py turns run/ema.safetensors into a model folder. With --side 32
--time-from 0.6 it trains the layout network, which draws at high noise in place of the base.
"""

import argparse
import collections
import math
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from looks import Looks
from outlines import Crowd, contrast
from reference_data import Data, Encoder
from reimagen_reference import UNet, UNetConfig, alpha_sigma, bfloat16_is_fast, mixed_precision

EVEN = 32  # tokens: texts are filled up to multiples of it where the network is compiled, once for each length
CROWD = 256  # other pictures of its style that a guess is told from
LONGEST_STEP = 20.0  # seconds that a step may count as training: more than that, and the process was stopped meanwhile


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
    """Muon on matrices and kernels, AdamW on the rest. Matrices of eager layers learn faster: outputs and values five times, the rest twice."""

    def __init__(self, net, decay=0.01, precision=torch.bfloat16, eager=()):
        named = list(net.named_parameters())
        self.matrices = {n: p for n, p in named if p.ndim >= 2 and "null" not in n}
        self.momentum = {n: torch.zeros_like(p) for n, p in self.matrices.items()}
        self.rest = torch.optim.AdamW([p for n, p in named if n not in self.matrices], betas=(0.9, 0.98), weight_decay=0)
        self.decay = decay
        self.precision = precision
        self.pace = {n: (5 if ".out." in n or ".v." in n else 2) if n.startswith(eager) else 1 for n in self.matrices}

    @torch.no_grad()
    def step(self, lr):
        for group in self.rest.param_groups:
            group["lr"] = lr
        self.rest.step()
        shapes = collections.defaultdict(list)
        for n, p in self.matrices.items():
            if p.grad is not None:  # a batch may read no neighbour at all
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
                p.mul_(1 - lr * self.decay).add_(u.reshape(p.shape), alpha=-lr * self.pace[n])

    def state(self):
        return {"momentum": self.momentum, "rest": self.rest.state_dict()}

    def load(self, state):
        for n, m in state["momentum"].items():
            self.momentum[n].copy_(m)
        self.rest.load_state_dict(state["rest"])


def numbers(text):
    return tuple(int(n) for n in text.split(","))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--pictograms", type=Path, help="further pictures to learn from (pictograms.py)")
    parser.add_argument("--pictogram-share", type=float, default=0.5, help="share of groups that are of those")
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--init", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--side", type=int, default=64, choices=(32, 64), help="pixels a side to train at")
    parser.add_argument("--affine", type=float, default=0.5, help="share of groups that are turned, zoomed and shifted")
    parser.add_argument("--permute", type=float, default=0.5, help="share of groups whose colours are exchanged")
    parser.add_argument("--nameless", type=float, default=0.2, help="share of captions that name the style alone")
    parser.add_argument("--strangers", type=float, default=0.15, help="share of targets with a neighbour that shows something else")
    parser.add_argument("--time-power", type=float, default=0.6, help="times are u to this power: below 1, more noise")
    parser.add_argument("--time-from", type=float, default=0.0, help="earliest time to train at; 0.6 with --side 32 for a layout network")
    parser.add_argument("--time-to", type=float, default=1.0, help="latest time to train at; 0.9 for a base below a layout network")
    parser.add_argument("--flat", type=float, default=0, help="weight of areas as flat as the true ones, at times below 0.5, beside the mean square")
    parser.add_argument("--outlines", type=float, default=0, help="weight of outlines that tell the true picture from others (outlines.py)")
    parser.add_argument("--looks", type=float, default=0, help="weight of the features that --looks-of compares")
    parser.add_argument("--looks-of", type=Path, help="a classifier of styles (looks.py)")
    parser.add_argument("--captions", type=int, default=0, help="captions a picture has, to be encoded once; 0: a fresh one each time")
    parser.add_argument("--views", type=float, default=0, help="share of targets that read a second view of themselves in place of a neighbour")
    parser.add_argument("--hold", action="store_true", help="do not decay the learning rate: a later run goes on")
    parser.add_argument("--blend", action="store_true", help="show the stem the mean of the neighbours' pictures")
    parser.add_argument("--channels", type=numbers, default=(48, 96, 192), help="width of each level")
    parser.add_argument("--blocks", type=numbers, default=(2, 2, 2), help="residual blocks of each level")
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--eager", default="", help="layers that learn faster, such as ustack.mid_neighbor,ustack.neighbor_2_2 when revived (revive_attention.py)")
    parser.add_argument("--ema", type=float, default=0.998, help="decay of the averaged weights a step")
    parser.add_argument("--threads", type=int, default=1, help="threads that encode texts")
    parser.add_argument("--compile", action="store_true", help="fuse the network's small steps: faster after minutes of compiling")
    parser.add_argument("--ahead", type=int, default=1, help="batches dealt while one trains")
    parser.add_argument("--seed", type=int, default=7)
    parsed = parser.parse_args()
    if parsed.batch < 6:
        parser.error(f"--batch {parsed.batch}: must be at least 6, to hold two entities")
    if not 0 <= parsed.pictogram_share <= 1:
        parser.error(f"--pictogram-share {parsed.pictogram_share}: must be from 0 to 1")
    if parsed.pictograms and not (parsed.pictograms / "dataset.json").exists():
        parser.error(f"--pictograms {parsed.pictograms}: is no whole data set, dataset.json is missing")
    if parsed.looks and not parsed.looks_of:
        parser.error("--looks: needs --looks-of")
    if parsed.looks and parsed.side != 64:
        parser.error("--looks: compares pictures of --side 64 only")
    return parsed


def unevenness(drawn, true):
    """
    Mean difference of neighbouring pixels that are alike in the true picture: [B, 3, S, S] -> [B]. A mean square hardly sees faint blotches
    in flat areas beside the errors of edges; the eye does.
    """
    steps = [(drawn.diff(dim=d).abs(), true.diff(dim=d).abs() < 0.01) for d in (2, 3)]
    return sum((step * alike).mean((1, 2, 3)) for step, alike in steps)


class Run:
    """Network, averages and optimiser, and how far they are; kept in a folder."""

    def __init__(self, recipe, device):
        self.recipe, self.device = recipe, device
        self.path = recipe.out / "state.pt"
        config = UNetConfig(blend=recipe.blend, channels=recipe.channels, blocks=recipe.blocks, embed_dim=recipe.channels[-1])
        self.net = UNet(config).to(device, memory_format=torch.channels_last)
        if recipe.init:
            weights = self.net.state_dict() | {n: w.float() for n, w in load_file(recipe.init).items()}
            self.net.load_state_dict(weights)
        if recipe.compile:
            for stack in (self.net.dstack, self.net.ustack):
                stack.forward = torch.compile(stack.forward, dynamic=False)
        eager = tuple(f"{layer}." for layer in recipe.eager.split(",") if layer)
        self.optimizer = Muon(self.net, precision=torch.bfloat16 if bfloat16_is_fast(device) else torch.float32, eager=eager)
        self.ema = {n: p.detach().clone() for n, p in self.net.named_parameters()}
        self.looks = Looks(recipe.looks_of, device) if recipe.looks else None
        self.step, self.spent = 0, 0.0
        if self.path.exists():
            state = torch.load(self.path, map_location=device, weights_only=True)
            self.net.load_state_dict(state["net"])
            self.optimizer.load(state["optimizer"])
            self.ema, self.step, self.spent = state["ema"], state["step"], state["spent"]

    def save(self):
        temporary = self.path.with_suffix(".tmp")
        optimizer = self.optimizer.state()
        torch.save({"net": self.net.state_dict(), "ema": self.ema, "step": self.step, "spent": self.spent, "optimizer": optimizer}, temporary)
        os.replace(temporary, self.path)
        save_file({n: e.cpu().contiguous() for n, e in self.ema.items()}, self.recipe.out / "ema.safetensors")

    def rate(self):
        left = 1.0 if self.recipe.hold else 1 - self.spent / (60 * self.recipe.minutes)
        return self.recipe.lr * min(1, (self.step + 1) / 100, 5 * left)

    def train(self, x, text, index, weights, keep, t, noise, dealt, others):
        """One step; the loss of v before it, without what other losses add."""
        x = x.to(memory_format=torch.channels_last)
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        with mixed_precision(self.device):
            neighbors = self.net.encode_neighbors(x, *text, index, weights)
            x, text = x[: len(t)], [a[: len(t)] for a in text]  # the rest are views, which are only read
            out = self.net(alpha * x + sigma * noise, t, *text, keep, neighbors)
        loss = F.mse_loss(out.float(), alpha * noise - sigma * x)
        log = loss.item()
        x0 = alpha * (alpha * x + sigma * noise) - sigma * out.float()
        if self.recipe.flat:
            loss = loss + self.recipe.flat * (unevenness(x0, x) * (t < 0.5)).mean()
        if self.recipe.outlines:
            told = keep & (weights > -math.inf).any(1)  # the rest cannot know which thing it is, or how to draw it
            loss = loss + self.recipe.outlines * (contrast(x0, x, dealt.entity, dealt.plain, others) * told).mean()
        if self.looks:
            loss = loss + self.recipe.looks * self.looks(x0, x).mean()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        if torch.isfinite(loss) and torch.isfinite(norm):
            self.optimizer.step(self.rate())
        self.net.zero_grad(set_to_none=True)
        self.step += 1
        with torch.no_grad():
            decay = min(self.recipe.ema, self.step / (9 + self.step))
            torch._foreach_lerp_(list(self.ema.values()), [p.detach() for p in self.net.parameters()], 1 - decay)
        return log


def evened(text):
    """The same text with more places that hold nothing, so that with the learned null their number is a multiple of EVEN."""
    states, mask, pooled = text
    more = -(states.shape[1] + 1) % EVEN
    return F.pad(states, (0, 0, 0, more)), F.pad(mask, (0, more)), pooled


def main():
    recipe = arguments()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    recipe.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    run = Run(recipe, device)
    data, encoder = Data(recipe.dataset, device, recipe.pictograms), Encoder(recipe.encoder, recipe.threads, 100_000 if device == "cpu" else 1_000_000)
    crowd = Crowd(data, recipe.side) if recipe.outlines else None

    def deal(step):
        batch = data.batch(recipe.seed, step, recipe.batch, recipe.side, encoder, recipe)
        others = crowd.others(np.random.default_rng([recipe.seed, step, 2]), batch[-1], CROWD) if crowd else None
        text = evened(batch[1]) if recipe.compile else batch[1]
        return batch[0], text, *batch[2:], others

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    dealer = ThreadPoolExecutor(1)  # the next batches are dealt while one trains
    upcoming = collections.deque(dealer.submit(deal, run.step + i) for i in range(recipe.ahead))
    losses, tick, saved = [], time.monotonic(), run.spent
    while not stop and run.spent < 60 * recipe.minutes:
        batch = upcoming.popleft().result()
        upcoming.append(dealer.submit(deal, run.step + recipe.ahead))
        losses.append(run.train(*batch))
        now = time.monotonic()
        run.spent, tick = run.spent + min(now - tick, LONGEST_STEP), now
        if run.step % 50 == 0:
            seconds = run.spent - saved
            print(f"step {run.step} loss {np.mean(losses):.4f} lr {run.rate():.2e} {run.spent:.0f} s", flush=True)
            losses = []
            if seconds > 300:
                run.save()
                saved = run.spent
    dealer.shutdown(wait=False, cancel_futures=True)
    run.save()


if __name__ == "__main__":
    main()
