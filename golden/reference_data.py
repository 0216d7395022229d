"""What the reference trainers learn from: pictures of a data set, their captions, and batches of whole entities.

Pictures are put together where the network is, on a GPU by the thousand a second; texts are encoded ahead, on all cores.
"""

import collections
import json
import math
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

FAMILIES = ("noto", "fluent-emoji", "emojione")
COLORS = {
    "red": (220, 50, 47), "orange": (245, 150, 50), "yellow": (250, 215, 75), "green": (80, 175, 90), "teal": (40, 160, 160),
    "light blue": (150, 205, 245), "blue": (60, 110, 220), "purple": (140, 90, 200), "pink": (250, 165, 200),
    "brown": (140, 95, 60), "gray": (150, 150, 150), "black": (25, 25, 28), "white": (255, 255, 255),
}  # fmt: skip
NAMES = list(COLORS)
WHITE = NAMES.index("white")
NEIGHBORS = 4
PERMUTATIONS = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
UNSAID = set("with and of the a an in on for to sign symbol button mark".split())
COLORS_WEIGHT = 3  # times as often as others a thing is dealt that some pictogram or emoji shows in colours


def words(name):
    """The words of a name, in the singular, without those that icon sets leave unsaid."""
    found = re.findall(r"[a-z]+|\d+", re.sub(r"['’]", "", name.lower()))
    return [singular(w) for w in found if w not in UNSAID]


def singular(word):
    """A word as one of it is named, by its ending alone."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def group(name):
    """What names of the same thing share: "shopping carts" and "cart shopping" are one."""
    return " ".join(sorted(set(words(name))))


class Encoder:
    """Frozen text encoder, one text at a time: quantised on the fly, it would give a batch other states."""

    def __init__(self, folder, threads=1, remembered=100_000):
        self.tokenizer = Tokenizer.from_file(str(folder / "bge-small-en-v1.5-q-tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(64)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(folder / "bge-small-en-v1.5-q.onnx"), options)
        self.remembered, self.known = remembered, {}
        self.pool = ThreadPoolExecutor(threads)

    def __call__(self, text):
        found = self.known.get(text)
        if found is None:
            ids = np.array([self.tokenizer.encode(text).ids], np.int64)
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            states = self.session.run(None, feed)[0][0]
            found = states.astype(np.float16), (states[0] / np.linalg.norm(states[0])).astype(np.float16)
            if len(self.known) < self.remembered:
                self.known[text] = found
        return found

    def batch(self, texts, device="cpu"):
        """States [B, L, 384], which of them are tokens [B, L], and pooled states [B, 384]."""
        encoded = list(self.pool.map(self, texts))
        longest = max(len(s) for s, _ in encoded)
        states = np.zeros((len(texts), longest, 384), np.float16)
        mask = np.zeros((len(texts), longest), bool)
        for i, (s, _) in enumerate(encoded):
            states[i, : len(s)], mask[i, : len(s)] = s, True
        pooled = np.stack([p for _, p in encoded])
        states, mask, pooled = (torch.from_numpy(a).to(device) for a in (states, mask, pooled))
        return states.float(), mask, pooled.float()


@dataclass(frozen=True)
class Dealt:
    """Which pictures the targets of a batch are."""

    rows: list  # of the data set
    entity: torch.Tensor  # [B], numbers what is shown
    plain: torch.Tensor  # [B] bool: on white, neither turned nor recoloured, perhaps mirrored
    mirrored: np.ndarray  # [B] bool


class Data:
    """Pictures of a data set, and groups of them that show one training entity, from different families where it has them."""

    def __init__(self, folder, device="cpu", pictograms=None):
        self.device = device
        self.rows, self.rgba = self.read(folder)
        self.size = self.rgba.shape[1]
        rows, self.more = self.read(pictograms) if pictograms else ([], self.rgba[:0])
        if self.more.shape[1] != self.size:
            raise ValueError(f"{pictograms}: its pictures have {self.more.shape[1]} pixels a side, those of {folder} {self.size}")
        if device != "cpu":
            self.rgba = torch.from_numpy(np.concatenate([self.rgba, self.more])).to(device)
        self.colors = torch.tensor(list(COLORS.values()), dtype=torch.float32, device=device) / 255
        self.styles = sorted({row["style"].replace("-", " ") for row in self.rows})
        entities = collections.defaultdict(lambda: collections.defaultdict(list))
        for i, row in enumerate(self.rows):
            if not row["heldOut"]:
                entities[row["entity"]][self.family(row["style"])].append(i)
        self.siblings = {i: members for f in entities.values() for members in f.values() for i in members}
        self.entities = [f for f in entities.values() if len(f) >= 2]
        if pictograms:
            self.add_pictograms(rows)

    @staticmethod
    def read(folder):
        """Rows of a data set's manifest, and its pictures [N, S, S, 4], which stay in the file."""
        size = json.loads((folder / "dataset.json").read_text())["size"]  # written last: without it the folder is not whole
        rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
        return rows, np.memmap(folder / "pictures.bin", np.uint8, "r", shape=(len(rows), size, size, 4))

    def add_pictograms(self, rows):
        """Adds pictures of pictograms.py, in groups of their own, where the emoji of the same thing are dealt too."""
        groups = collections.defaultdict(lambda: collections.defaultdict(list))
        for i, row in enumerate(rows, len(self.rows)):
            groups[group(row["entity"])][row["family"]].append(i)
        self.siblings |= {i: members for g in groups.values() for members in g.values() for i in members}
        colored = {group(row["entity"]) for row in rows if row["colored"]}
        for i, row in enumerate(self.rows):
            if not row["heldOut"]:
                for key in {group(name) for name in (row["entity"], *row["tags"][-1:])} & groups.keys():
                    family = self.family(row["style"])
                    groups[key][family] = [*groups[key][family], i]
                    colored.add(key)
        self.rows += rows
        self.styles = sorted({row["style"].replace("-", " ") for row in self.rows})
        shared = {key: g for key, g in groups.items() if len(g) >= 2}
        self.groups = list(shared.values())
        self.dealt_before = np.cumsum([COLORS_WEIGHT if key in colored else 1 for key in shared])

    def stored(self, rows):
        """Pictures [B, S, S, 4] as they lie in the data sets."""
        if self.device != "cpu":
            return self.rgba[torch.tensor(rows, device=self.device)]
        own = len(self.rgba)
        return torch.from_numpy(np.stack([self.rgba[i] if i < own else self.more[i - own] for i in rows]))

    @staticmethod
    def family(style):
        return next((f for f in FAMILIES if style.startswith(f)), style)

    def families(self, rng, pictogram_share):
        """Pictures of one thing by family."""
        if pictogram_share and rng.random() < pictogram_share:
            return self.groups[np.searchsorted(self.dealt_before, rng.integers(self.dealt_before[-1]), "right")]
        return self.entities[rng.integers(len(self.entities))]

    def mates(self, rng, count, pictogram_share=0.0):
        """As many pictures as asked for, and the spans of those that show the same entity; the last may stand alone."""
        pictures, spans = [], []
        while len(pictures) < count:
            families = self.families(rng, pictogram_share)
            names = list(families)
            rng.shuffle(names)
            members = [families[f][rng.integers(len(families[f]))] for f in names[: min(5, count - len(pictures))]]
            if len(members) > 1 or len(pictures) == count - 1:
                spans.append((len(pictures), len(pictures) + len(members)))
                pictures += members
        return pictures, spans

    def caption(self, rng, row, color, nameless):
        words = row["style"].replace("-", " ")
        kind = rng.integers(10)
        tags = row["tags"] or [row["entity"]]
        subject = row["entity"] if kind < 7 else tags[-1] if kind == 7 else " ".join(tags[:3])
        form = rng.integers(6)
        text = f"a {subject} in {words} style" if form == 0 else f"{words} {subject}" if form == 1 else f"{subject}, {words} style"
        if rng.random() < nameless:
            text = f"{words} style"
        if color == WHITE:
            return text
        return f"{text}, {NAMES[color]} background" if rng.integers(3) == 0 else f"{text}, on a {NAMES[color]} background"

    def picture(self, i, color, side):
        """One picture [3, side, side] in [-1, 1] on a named colour."""
        return self.pictures([i], [NAMES.index(color)], side)[0].cpu().numpy()

    def pictures(self, rows, colors, side, flips=None, permutations=None, affines=None):
        """Pictures [B, 3, side, side] in [-1, 1]: flipped, colours exchanged, turned, and laid on their colours."""
        layers = self.stored(rows).permute(0, 3, 1, 2).float() / 255
        alpha, rgb = layers[:, 3:], layers[:, :3]
        if flips is not None:
            flip = torch.as_tensor(flips, device=self.device)[:, None, None, None]
            alpha, rgb = torch.where(flip, alpha.flip(3), alpha), torch.where(flip, rgb.flip(3), rgb)
        if permutations is not None:
            order = torch.tensor(permutations, device=self.device)[:, :, None, None]
            rgb = rgb.gather(1, order.expand(rgb.shape))
        layers = torch.cat([rgb * alpha, alpha], 1)
        moved = [b for b, a in enumerate(affines or []) if a is not None]
        if moved:
            grid = F.affine_grid(torch.tensor([affines[b] for b in moved], device=self.device), layers[moved].shape, align_corners=False)
            layers[moved] = F.grid_sample(layers[moved], grid, mode="bilinear", align_corners=False)
        on = self.colors[torch.as_tensor(colors, device=self.device)][:, :, None, None]
        x = layers[:, :3] + on * (1 - layers[:, 3:])
        return (F.avg_pool2d(x, self.size // side) if side != self.size else x) * 2 - 1

    @staticmethod
    def affine(rng):
        """A small turn, zoom and shift for a whole group: 2 x 3, from where each place of the picture is read."""
        turn, zoom, shift = rng.uniform(-0.35, 0.35), np.exp(rng.uniform(-0.4, 0.2)), rng.uniform(-0.2, 0.2, 2)
        c, s = float(zoom * math.cos(turn)), float(zoom * math.sin(turn))
        return [[c, -s, float(shift[0])], [s, c, float(shift[1])]]

    def worded(self, rng, seed, rows, recipe):
        """A background and a caption for each picture; with `captions`, one of that many, so that texts come again."""
        colors, captions = [], []
        for i in rows:
            own = np.random.default_rng([seed, i, rng.integers(recipe.captions)]) if recipe.captions else rng
            color = WHITE if own.random() < 0.65 else int(own.integers(12))
            colors.append(color)
            captions.append(self.caption(own, self.rows[i], color, recipe.nameless))
        return colors, captions

    def views(self, rng, rows, share):
        """
        Second views of a share of the targets: which target each is of, and which picture it shows: the target's own, or a sibling set's of the
        same thing.
        """
        views = []
        for i, row in enumerate(rows):
            if rng.random() < share:
                siblings = [j for j in self.siblings[row] if j != row]
                views.append((i, siblings[rng.integers(len(siblings))] if siblings and rng.random() < 0.5 else row))
        return views

    def style_exchanged(self, rng, row, caption):
        """A caption whose style is another's, half of the time: what is read must not be told by its style alone."""
        other = self.styles[rng.integers(len(self.styles))]
        return caption.replace(self.rows[row]["style"].replace("-", " "), other) if rng.random() < 0.5 else caption

    @staticmethod
    def neighbors(rng, spans, count, strangers):
        """Which pictures of the batch each target reads [B, 4], and their log-weights: 0, or -inf for none."""
        index, weights = np.zeros((count, NEIGHBORS), np.int64), np.full((count, NEIGHBORS), -np.inf, np.float32)
        for first, end in spans:
            for i in range(first, end):
                mates = [j for j in range(first, end) if j != i]
                rng.shuffle(mates)
                chosen = mates[: rng.integers(1, NEIGHBORS + 1)]
                if len(chosen) < NEIGHBORS and rng.random() < strangers:
                    other = int(rng.integers(count - (end - first)))
                    chosen.append(other if other < first else other + end - first)
                index[i, : len(chosen)], weights[i, : len(chosen)] = chosen, 0
        weights[rng.random(count) < 0.1] = -np.inf
        return torch.from_numpy(index), torch.from_numpy(weights)

    def batch(self, seed, step, count, side, encoder, recipe):
        """
        The batch of a step, on the device: the same for the same seed and step. Pictures and captions beyond the first `count` are second views,
        which are only read.
        """
        rng = np.random.default_rng([seed, step])
        rows, spans = self.mates(rng, count, recipe.pictogram_share if recipe.pictograms else 0)
        colors, captions = self.worded(rng, seed, rows, recipe)
        flips, permutations, affines = np.zeros(count, bool), [], []
        for first, end in spans:
            flips[first:end] = rng.random() < 0.5
            permutations += [PERMUTATIONS[rng.integers(6) if rng.random() < recipe.permute else 0]] * (end - first)
            affines += [self.affine(rng) if rng.random() < recipe.affine else None] * (end - first)
        index, weights = self.neighbors(rng, spans, count, recipe.strangers)
        keep = torch.from_numpy(rng.random(count) >= 0.1)
        u = ((np.arange(count) + rng.random()) / count)[rng.permutation(count)]
        t = recipe.time_from + (recipe.time_to - recipe.time_from) * u**recipe.time_power
        t = torch.from_numpy(t.clip(1e-3, 1 - 1e-4).astype(np.float32))
        entity = torch.zeros(count, dtype=torch.int64)
        for number, (first, end) in enumerate(spans):
            entity[first:end] = number
        plain = [c == WHITE and a is None and p == PERMUTATIONS[0] for c, a, p in zip(colors, affines, permutations)]
        dealt = Dealt(list(rows), entity, torch.tensor(plain), flips)
        own = np.random.default_rng([seed, step, 1])  # views leave the rest of the batch as it is without them
        for i, row in self.views(own, rows, recipe.views):
            index[i, own.integers(max(1, weights[i].isfinite().sum().item()))] = len(rows)  # in place of a neighbour
            (color,), (caption,) = self.worded(own, seed, [row], recipe)
            itself = row == rows[i]
            rows.append(row)
            colors.append(color)
            captions.append(self.style_exchanged(own, row, caption) if itself else caption)
            flips = np.append(flips, flips[i])
            permutations.append(PERMUTATIONS[own.integers(6)] if itself and own.random() < 0.3 else permutations[i])
            affines.append(self.affine(own) if itself and own.random() < 0.7 else affines[i])
        x = self.pictures(rows, colors, side, flips, permutations, affines)
        generator = torch.Generator(self.device).manual_seed(int(rng.integers(2**62)))
        noise = torch.randn((count, *x.shape[1:]), device=self.device, generator=generator)
        index, weights, keep, t = (a.to(self.device) for a in (index, weights, keep, t))
        return x, encoder.batch(captions, self.device), index, weights, keep, t, noise, dealt
