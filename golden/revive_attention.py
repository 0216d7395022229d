"""Prints how much each neighbour attention of a network reads, and lets those that read nothing begin anew.

Usage: python revive_attention.py weights.safetensors [--revived revived.safetensors] --dataset ../dataset --encoder FOLDER [--side 32]

A head may learn to look at the learned null alone, whatever there is to read: no gradient then reaches its queries and keys, and it stays
so for ever. Each row says, by head, the share of its attention that the null gets, the least of several times, and how many keys it reads (the
exponential of its entropy, a mean). --revived writes weights in which every layer whose heads all read nothing has new queries, keys and
values, and an output that starts at the constant which it gave before: the network computes the same until it learns. train_reference.py --eager lets
those layers learn faster.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from grow_weights import output
from reference_data import WHITE, Data, Encoder
from reimagen_reference import NeighborAttention, alpha_sigma, heads, load

COUNT, LEVELS = 64, (0.9999, 0.9, 0.8, 0.6)
DEAD = 0.9  # share of the null from which on a head reads nothing
NEAR = 1.2  # size of new queries and keys: a head begins with a few cells around its own place


def shares(layer, x, feature, value, index, weight_log):
    """Attention of a layer [B, heads, cells, 1 + K * cells], the null first."""
    q, bias = layer.ask(x, weight_log)
    k, _ = layer.project(feature, value, index)
    q, k = (heads(a, layer.head_dim) for a in (q, k))
    return (q @ k.transpose(2, 3) / math.sqrt(layer.head_dim) + bias).softmax(3)


@torch.no_grad()
def read(net, data, encoder, side):
    """Least share of the null, and mean number of keys, by head [heads] of each neighbour attention, for training pictures and their neighbours."""
    found, rng = {}, np.random.default_rng(5)

    def listen(name):
        def heard(layer, inputs):
            p = shares(layer, *inputs)
            keys = (-(p * (p + 1e-9).log()).sum(3)).exp()
            found.setdefault(name, []).append((p[..., 0].mean((0, 2)), keys.mean((0, 2))))

        return heard

    layers = {name: m for name, m in net.named_modules() if isinstance(m, NeighborAttention)}
    hooks = [layer.register_forward_pre_hook(listen(name)) for name, layer in layers.items()]
    rows, spans = data.mates(rng, COUNT)
    x = data.pictures(rows, [WHITE] * COUNT, side)
    text = encoder.batch([f"{data.rows[i]['entity']}, {data.rows[i]['style'].replace('-', ' ')} style" for i in rows])
    index, weights = Data.neighbors(rng, spans, COUNT, 0)
    reading = (weights > -math.inf).any(1)  # the rest have only the null to read
    neighbors = net.encode_neighbors(x, *text, index[reading], weights[reading])
    x, text = x[reading], [a[reading] for a in text]
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(5))
    for level in LEVELS:
        t = torch.full((len(x),), level)
        alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(t))
        net(alpha * x + sigma * noise, t, *text, torch.ones(len(x), dtype=torch.bool), neighbors)
    for hook in hooks:
        hook.remove()
    return {name: (torch.stack([n for n, _ in f]).amin(0), torch.stack([k for _, k in f]).mean(0)) for name, f in found.items()}


@torch.no_grad()
def begin_anew(layer):
    """New queries, keys and values; what the layer gave, which was the same everywhere, it gives still."""
    layer.out.bias += layer.out.weight @ layer.null_kv[1]
    for zero in (layer.out.weight, layer.null_kv, layer.q.bias, layer.k.bias, layer.v.bias, layer.norm.bias, layer.norm_key.bias):
        zero.zero_()
    layer.norm.weight.fill_(1)
    layer.norm_key.weight.fill_(1)
    layer.q.weight.copy_(NEAR * torch.linalg.qr(torch.randn(layer.q.weight.shape))[0])
    layer.k.weight.copy_(layer.q.weight)  # alike for the same place
    torch.nn.init.kaiming_uniform_(layer.v.weight, a=math.sqrt(5))


def report(reads):
    """Prints a row a layer; the names of those that read nothing."""
    for name, (null, keys) in reads.items():
        print(f"{name:24} null", *(f"{n:.2f}" for n in null), "  keys", *(f"{k:4.0f}" for k in keys), flush=True)
    return [name for name, (null, _) in reads.items() if null.min() > DEAD]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weights", type=Path)
    parser.add_argument("--revived", type=Path)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--side", type=int, default=64, choices=(32, 64), help="32 for a layout network")
    arguments = parser.parse_args()
    net, data, encoder = load(arguments.weights), Data(arguments.dataset), Encoder(arguments.encoder)
    dead = report(read(net, data, encoder, arguments.side))
    if not arguments.revived:
        return
    if not dead:
        raise SystemExit(f"{arguments.weights}: no neighbour attention has heads that all read nothing, none is to begin anew")
    torch.manual_seed(7)
    for name in dead:
        begin_anew(net.get_submodule(name))
    print("begun anew:", *dead)
    report(read(net, data, encoder, arguments.side))
    revived = {n: w.contiguous() for n, w in net.state_dict().items()}
    change = (output(revived) - output(weights)).abs().max().item()
    if change > 1e-4:
        raise SystemExit(f"{arguments.weights}: the revived network gives other values, by up to {change:.1e}")
    save_file(revived, arguments.revived)


if __name__ == "__main__":
    main()
