"""Trains a base against a critic that tells its drawings from true pictures, so that edges are sharp and areas flat.

Usage: python train_against_critic.py draw --base base.safetensors --layout layout.safetensors --dataset ../dataset --encoder FOLDER --out drawings.pt
       python train_against_critic.py train --base base.safetensors --drawings drawings.pt --looks-of looks.safetensors --dataset ../dataset --encoder FOLDER --out run

A mean square leaves blurred and mottled what a network does not know; a critic does not. `draw` draws training entities much as `reimagen generate`
would, guided by references alone, and keeps each drawing at four of its later times. `train` first teaches a critic, which begins as the classifier of looks.py, to tell the finished
drawings from the true pictures of the same things in the same styles. Then both learn in turn: the base's guess from such a time is to pass for a true
picture while its means of 4x4 pixels stay what they were drawn as, beside the loss of v of train_reference.py. What a picture shows is settled
before and stays. The averages lie in run/ema.safetensors, those of every fortieth step beside them; the run cannot be resumed.

Source: adversarial diffusion distillation, arXiv 2311.17042, without its teacher; hinge loss and a critic of several scales that knows the condition.
"""

import argparse
import math
import time
import types
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

from looks import WIDTHS, Classifier
from outlines import descriptors
from reference_data import NEIGHBORS, PERMUTATIONS, Data, Encoder
from reimagen_reference import alpha_sigma, bfloat16_is_fast, from_layout, load, mixed_precision
from train_reference import Muon, unevenness

STEPS, LAYOUTS = 12, 2  # of a drawing, and how many it begins
GUIDANCE, GUIDED = 5.0, 0.7  # w_n, and the earliest time that is guided
SETTLED = 0.85  # the earliest time at which the layout network is asked
KEPT = (4, 6, 8, 10)  # steps before which a drawing is kept
BATCH = 12  # pictures of the loss of v, and drawings, a step
UNHEARD = 15  # steps before the base hears the critic, which goes on learning meanwhile
EVERY = 40  # steps after which averages are kept
FLAT, SAME = 3, 20  # weights of flat areas, and of the drawing's own means of 4x4 pixels
RECIPE = types.SimpleNamespace(
    pictograms=None, captions=6, nameless=0.2, permute=0.25, affine=0.35, strangers=0.15, views=0.2, time_from=0.0, time_to=0.92, time_power=0.9
)  # of the loss of v: the batches of train_reference.py


def channels_last(x):
    return x.contiguous(memory_format=torch.channels_last)


class Scenes:
    """Pictures to draw by number: which row of the data set each is, and which rows it reads."""

    def __init__(self, data, encoder, scenes):
        self.data, self.encoder, self.scenes = data, encoder, scenes

    def true(self, numbers):
        return torch.from_numpy(np.stack([self.data.picture(self.scenes[n][0], "white", 64) for n in numbers]))

    def text(self, rows):
        return self.encoder.batch([f"{r['entity']}, {r['style'].replace('-', ' ')} style" for r in (self.data.rows[i] for i in rows)])

    def words(self, numbers):
        return self.text([self.scenes[n][0] for n in numbers])

    def read(self, numbers):
        """Neighbours' pictures [N, 3, 64, 64] and texts, and which the scenes read: index and log-weights [B, 4]."""
        rows, index, weights = [], torch.zeros(len(numbers), NEIGHBORS, dtype=torch.int64), torch.full((len(numbers), NEIGHBORS), -math.inf)
        for b, n in enumerate(numbers):
            mates = self.scenes[n][1]
            index[b, : len(mates)], weights[b, : len(mates)] = torch.arange(len(rows), len(rows) + len(mates)), 0
            rows += mates
        return torch.from_numpy(np.stack([self.data.picture(i, "white", 64) for i in rows])), self.text(rows), index, weights


def deal(data, rng, count):
    """Scenes of training entities: a picture of one family, to be drawn from up to four others'."""
    scenes = []
    while len(scenes) < count:
        families = data.entities[rng.integers(len(data.entities))]
        names = list(families)
        rng.shuffle(names)
        if len(names) > 2:
            first, *others = [families[f][rng.integers(len(families[f]))] for f in names[: NEIGHBORS + 1]]
            scenes.append((int(first), [int(i) for i in others]))
    return scenes


def advance(x, guess, last, t, t_next):
    """x at t_next by DPM-Solver++(2M) from the guess of x_0 at t and the one before it, if there is one; log(alpha / sigma) at t."""
    (alpha, sigma), (alpha_next, sigma_next) = ([a.item() for a in alpha_sigma(torch.tensor(min(u, 1 - 1e-4)))] for u in (t, t_next))
    level = math.log(alpha / sigma)
    h = math.log(alpha_next / sigma_next) - level
    ahead = guess if last is None else guess + (guess - last[0]) * 0.5 * h / (level - last[1])
    return sigma_next / sigma * x - alpha_next * math.expm1(-h) * ahead, level


@torch.no_grad()
def drawn(scenes, numbers, base, layout, generator):
    """Drawings [B, 3, 64, 64] by DPM-Solver++(2M), and x_t before each step of KEPT."""
    pictures, text, index, weights = scenes.read(numbers)
    words, dropped = scenes.words(numbers), torch.full_like(weights, -math.inf)
    of_base = base.encode_neighbors(channels_last(pictures), *text, index, weights)
    of_layout = layout.encode_neighbors(channels_last(F.avg_pool2d(pictures, 2)), *text, index, weights)
    vectors = descriptors(pictures)
    shared = torch.stack([vectors[i[w == 0]].mean(0) for i, w in zip(index, weights)])
    rows = torch.arange(len(numbers)).repeat_interleave(LAYOUTS)
    x = torch.randn((len(rows), 3, 64, 64), generator=generator)
    times, last, kept = [1 - i / STEPS for i in range(STEPS)], None, {}
    for i in range(STEPS):
        if len(rows) > len(numbers) and times[i] < SETTLED:  # the layout nearest to what the references share goes on
            far = (descriptors(last[0]) - shared[rows]).square().sum(1).reshape(-1, LAYOUTS)
            best = torch.arange(len(numbers)) * LAYOUTS + far.argmin(1)
            x, last, rows = x[best], (last[0][best], last[1]), torch.arange(len(numbers))
        if i in KEPT:
            kept[i] = x.half()
        t = torch.full((len(rows),), min(times[i], 1 - 1e-4))
        alpha, sigma = (a[0].item() for a in alpha_sigma(t))
        neighbors = of_layout if times[i] >= SETTLED else of_base
        neighbors.index = index[rows]

        def v(read):
            neighbors.weight_log = read[rows]
            conditions = (t, *(a[rows] for a in words), torch.ones(len(rows), dtype=torch.bool), neighbors)
            with mixed_precision("cpu"):
                return (from_layout(layout, x, *conditions) if neighbors is of_layout else base(channels_last(x), *conditions)).float()

        full = v(weights)
        guess = (alpha * x - sigma * full).clamp(-1, 1)
        if times[i] >= GUIDED:
            unread = v(dropped)
            guided = (alpha * x - sigma * (unread + GUIDANCE * (full - unread))).clamp(-1, 1)
            spread = (guess.std((1, 2, 3), keepdim=True) / guided.std((1, 2, 3), keepdim=True)).clamp(max=1)
            guess = 1 - (1 - guided) * (0.5 + 0.5 * spread)  # half of the glare taken back, white stays white
        if i < STEPS - 1:
            x, level = advance(x, guess, last, times[i], times[i + 1])
            last = guess, level
    return guess, kept


def draw(arguments, data, encoder):
    rng = np.random.default_rng(arguments.seed)
    scenes = Scenes(data, encoder, deal(data, rng, arguments.count))
    base, layout, finished, kept = load(arguments.base), load(arguments.layout), [], {i: [] for i in KEPT}
    generator = torch.Generator().manual_seed(arguments.seed)
    for start in range(0, arguments.count, 16):
        pictures, on_the_way = drawn(scenes, list(range(start, min(start + 16, arguments.count))), base, layout, generator)
        finished.append(pictures.half())
        for i in KEPT:
            kept[i].append(on_the_way[i])
        print(f"{start + len(pictures)} of {arguments.count}", flush=True)
    torch.save({"scenes": scenes.scenes, "finished": torch.cat(finished), "kept": {i: torch.cat(x) for i, x in kept.items()}}, arguments.out)


class Critic(nn.Module):
    """How true pictures [B, 3, 64, 64] look for their styles [B]: means over three scales of features."""

    def __init__(self, path, styles):
        super().__init__()
        self.looks = Classifier(styles)
        self.looks.load_state_dict(load_file(path))
        self.looks.head = nn.Identity()
        self.heads = nn.ModuleList(nn.Sequential(nn.Conv2d(c, 64, 1), nn.SiLU(), nn.Conv2d(64, 64, 3, padding=1), nn.SiLU()) for c in WIDTHS)
        self.outs = nn.ModuleList(nn.Conv2d(64, 1, 1) for _ in WIDTHS)
        self.styles = nn.ModuleList(nn.Embedding(styles, 64) for _ in WIDTHS)
        for style in self.styles:
            nn.init.normal_(style.weight, std=0.05)
        self.eval()  # the statistics of its batch normalisation stay
        judges = [*self.heads.parameters(), *self.outs.parameters(), *self.styles.parameters()]
        self.optimizer = torch.optim.Adam([{"params": self.looks.parameters(), "lr": 2e-4}, {"params": judges, "lr": 1e-3}], betas=(0.0, 0.99))

    def forward(self, x, style):
        scores = []
        for feature, head, out, embedding in zip(self.looks.features(x), self.heads, self.outs, self.styles):
            h = head(feature)
            scores.append((out(h) + (h * embedding(style)[:, :, None, None]).sum(1, keepdim=True) / 8).mean((1, 2, 3)))
        return sum(scores) / len(scores)

    def learn(self, true, drawing, style):
        """One step; the hinge loss before it."""
        loss = F.relu(1 - self(true, style)).mean() + F.relu(1 + self(drawing.detach(), style)).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


def alike_changed(rng, *batches):
    """Batches of the same size, mirrored, recoloured and shifted in the same way, so that the critic knows no picture by heart."""
    count = len(batches[0])
    mirrored, shift = rng.random(count) < 0.5, tuple(int(s) for s in rng.integers(-3, 4, 2))
    colors = [list(PERMUTATIONS[rng.integers(6) if rng.random() < 0.5 else 0]) for _ in range(count)]
    changed = (torch.stack([(x.flip(2) if m else x)[c] for x, m, c in zip(batch, mirrored, colors)]) for batch in batches)
    return [channels_last(torch.roll(batch, shift, (2, 3))) for batch in changed]


def norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


class Training:
    """A base, the averages of its weights, a critic, and what they learn from."""

    def __init__(self, arguments, data, encoder):
        self.arguments, self.data, self.encoder = arguments, data, encoder
        held = torch.load(arguments.drawings, weights_only=True)
        self.scenes, self.finished, self.kept = Scenes(data, encoder, held["scenes"]), held["finished"], held["kept"]
        self.style = torch.tensor([data.styles.index(data.rows[i]["style"].replace("-", " ")) for i, _ in held["scenes"]])
        self.net, self.critic = load(arguments.base), Critic(arguments.looks_of, len(data.styles)).to(memory_format=torch.channels_last)
        self.optimizer = Muon(self.net, precision=torch.bfloat16 if bfloat16_is_fast("cpu") else torch.float32)
        self.ema = {n: p.detach().clone() for n, p in self.net.named_parameters()}
        self.rng, self.step = np.random.default_rng(arguments.seed), 0

    def some(self, count):
        return torch.from_numpy(self.rng.integers(len(self.finished), size=count))

    def teach_critic(self):
        """One step of the critic on finished drawings."""
        numbers = self.some(2 * BATCH)
        drawing, true = alike_changed(self.rng, self.finished[numbers].float(), self.scenes.true(numbers.tolist()))
        return self.critic.learn(true, drawing, self.style[numbers])

    def loss_of_v(self):
        x, text, index, weights, keep, t, noise, _ = self.data.batch(self.arguments.seed, self.step, BATCH, 64, self.encoder, RECIPE)
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        with mixed_precision("cpu"):
            neighbors = self.net.encode_neighbors(channels_last(x), *text, index, weights)
            x, text = x[:BATCH], [a[:BATCH] for a in text]
            xt = alpha * x + sigma * noise
            v = self.net(channels_last(xt), t, *text, keep, neighbors).float()
        loss = F.mse_loss(v, alpha * noise - sigma * x)
        return loss, loss + FLAT * (unevenness(alpha * xt - sigma * v, x) * (t < 0.5)).mean()

    def guesses(self):
        """Which scenes, and the base's guesses [B, 3, 64, 64] of what they show, from times of their drawings."""
        numbers = self.some(BATCH)
        steps = [KEPT[k] for k in self.rng.integers(len(KEPT), size=BATCH)]
        xt = channels_last(torch.stack([self.kept[i][n] for i, n in zip(steps, numbers)]).float())
        t = torch.tensor([1 - i / STEPS for i in steps])
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        pictures, text, index, weights = self.scenes.read(numbers.tolist())
        with mixed_precision("cpu"):
            neighbors = self.net.encode_neighbors(channels_last(pictures), *text, index, weights)
            v = self.net(xt, t, *self.scenes.words(numbers.tolist()), torch.ones(BATCH, dtype=torch.bool), neighbors).float()
        return numbers, alpha * xt - sigma * v

    def save(self, name):
        save_file({n: e.contiguous() for n, e in self.ema.items()}, self.arguments.out / name)

    def train(self, rate):
        """One step of both; the loss of v, the critic's, and how far means of 4x4 pixels moved."""
        own, loss = self.loss_of_v()
        loss.backward()
        of_v = {n: p.grad for n, p in self.net.named_parameters() if p.grad is not None}
        self.net.zero_grad(set_to_none=True)
        numbers, x0 = self.guesses()
        drawing, true = alike_changed(self.rng, x0, self.scenes.true(numbers.tolist()))
        told = self.critic.learn(true, drawing, self.style[numbers])
        moved = (F.avg_pool2d(x0, 4) - F.avg_pool2d(self.finished[numbers].float(), 4)).square().mean()
        self.critic.requires_grad_(False)
        (SAME * moved - self.critic(drawing, self.style[numbers]).mean()).backward()
        self.critic.requires_grad_(True)
        gradients = {n: p.grad for n, p in self.net.named_parameters() if p.grad is not None}
        share = self.arguments.balance * norm(of_v.values()) / max(norm(gradients.values()), 1e-9) if self.step >= UNHEARD else 0.0
        for n, p in self.net.named_parameters():
            parts = [g for g in (of_v.get(n), gradients[n] * share if n in gradients else None) if g is not None]
            p.grad = sum(parts) if parts else None
        if torch.isfinite(torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)):
            self.optimizer.step(rate)
        self.net.zero_grad(set_to_none=True)
        self.step += 1
        with torch.no_grad():
            decay = min(0.99, self.step / (9 + self.step))
            torch._foreach_lerp_(list(self.ema.values()), [p.detach() for p in self.net.parameters()], 1 - decay)
        return own.item(), told, moved.item()


def train(arguments, data, encoder):
    arguments.out.mkdir(parents=True, exist_ok=True)
    training = Training(arguments, data, encoder)
    start, losses = time.monotonic(), []
    while time.monotonic() - start < 60 * arguments.critic_minutes:
        losses.append(training.teach_critic())
    print(f"critic alone, {len(losses)} steps: {np.mean(losses[:50]):.3f} at first, {np.mean(losses[-50:]):.3f} at last", flush=True)
    start, losses = time.monotonic(), []
    while (left := 1 - (time.monotonic() - start) / (60 * arguments.minutes)) > 0:
        losses.append(training.train(arguments.lr * min(1, (training.step + 1) / 20, 4 * left)))
        if training.step % 10 == 0:
            v, told, moved = np.mean(losses, 0)
            print(f"step {training.step} loss of v {v:.4f} critic {told:.3f} moved {moved:.4f} {time.monotonic() - start:.0f} s", flush=True)
            losses = []
        if training.step % EVERY == 0:
            training.save(f"ema-{training.step}.safetensors")
    training.save("ema.safetensors")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("draw", "train"))
    parser.add_argument("--base", type=Path, required=True, help="weights to draw with, or to begin with")
    parser.add_argument("--layout", type=Path, help="draw: weights of the layout network")
    parser.add_argument("--drawings", type=Path, help="train: what draw wrote")
    parser.add_argument("--looks-of", type=Path, help="train: a classifier of styles (looks.py), as which the critic begins")
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=656, help="draw: how many")
    parser.add_argument("--critic-minutes", type=float, default=4, help="train: for the critic alone, before")
    parser.add_argument("--minutes", type=float, default=18, help="train: for both")
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--balance", type=float, default=0.3, help="size of the critic's gradient, of that of the loss of v")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    needed = {"draw": ("layout",), "train": ("drawings", "looks_of")}[arguments.command]
    for name in needed:
        if getattr(arguments, name) is None:
            parser.error(f"{arguments.command}: needs --{name.replace('_', '-')}")
    torch.manual_seed(arguments.seed)
    data, encoder = Data(arguments.dataset), Encoder(arguments.encoder)
    (draw if arguments.command == "draw" else train)(arguments, data, encoder)


if __name__ == "__main__":
    main()
