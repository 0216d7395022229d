"""Gives a network more residual blocks a level, without changing what it computes: new blocks start by passing their input through.

Usage: python grow_weights.py weights.safetensors grown.safetensors --blocks 2,2,4

train_reference.py --init grown.safetensors --blocks 2,2,4 then trains the larger network on from there (after Net2Net, arXiv 1511.05641).
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from reimagen_reference import UNet, config_of


def grow(weights, blocks):
    """Weights of a network with as many blocks a level: the old ones last in the way up, where they meet the same skips as before."""
    config = config_of(weights)
    if len(blocks) != len(config.blocks) or any(new < old for new, old in zip(blocks, config.blocks)):
        raise SystemExit(f"--blocks {blocks}: must be as many levels as {config.blocks}, none of them lower")
    torch.manual_seed(7)
    grown = UNet(replace(config, blocks=blocks)).state_dict()
    for name, value in weights.items():
        grown[moved(name, config.blocks, blocks)] = value.float()
    for level, (new, old) in enumerate(zip(blocks, config.blocks)):
        for j in range(new - old):  # [h, skip] -> h
            skip = grown[f"ustack.block_{level}_{j}.skip.weight"]
            skip.zero_()
            skip[:, : skip.shape[0], 0, 0] = torch.eye(skip.shape[0])
            grown[f"ustack.block_{level}_{j}.skip.bias"].zero_()
    return grown


def moved(name, old, new):
    """The name of a parameter once its level has more blocks."""
    stack, _, inner = name.partition(".")
    module, _, rest = inner.partition(".")
    kind, *place = module.split("_")
    if stack != "ustack" or kind not in ("block", "attn", "neighbor") or len(place) != 2:
        return name
    level, j = (int(n) for n in place)
    return f"{stack}.{kind}_{level}_{j + new[level] - old[level]}.{rest}"


def output(weights):
    """What a network of these weights makes of two noises, each the other's neighbour."""
    config = config_of(weights)
    net = UNet(config)
    net.load_state_dict({n: w.float() for n, w in weights.items()})
    random = torch.Generator().manual_seed(7)
    x = torch.randn(2, 3, 32, 32, generator=random)
    text = torch.randn(2, 5, config.text_dim, generator=random), torch.ones(2, 5, dtype=torch.bool), torch.randn(2, config.text_dim, generator=random)
    with torch.no_grad():
        neighbors = net.encode_neighbors(x, *text, torch.tensor([[1], [0]]), torch.zeros(2, 1))
        return net(x, torch.tensor([0.9, 0.3]), *text, torch.ones(2, dtype=torch.bool), neighbors)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("weights", type=Path)
    parser.add_argument("grown", type=Path)
    parser.add_argument("--blocks", type=lambda text: tuple(int(n) for n in text.split(",")), required=True)
    arguments = parser.parse_args()
    small = load_file(arguments.weights)
    result = grow(small, arguments.blocks)
    change = (output(result) - output(small)).abs().max().item()
    if change > 1e-6:
        raise SystemExit(f"{arguments.weights}: the grown network gives other values, by up to {change:.1e}")
    save_file({n: v.contiguous() for n, v in result.items()}, arguments.grown)
    print(f"{sum(v.numel() for v in result.values()) / 1e6:.1f} M parameters")
