"""Counts the convolutions of the networks with PyTorch's own counter, and what reading text and neighbours adds.

    python golden/flop_fixtures.py reimagen-core/src/test/resources/golden/flops.json
"""
import json
import sys
from dataclasses import replace

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from reimagen_reference import UNet, UNetConfig
from super_resolution_reference import ConditionsConfig, SuperResolutionConfig, SuperResolutionUNet

TINY = SuperResolutionConfig(patch=2, channels=(8, 12), down_blocks=(1, 2), up_blocks=(2, 0), embed_dim=16)
TO_256 = SuperResolutionConfig(
    patch=4, channels=(64, 128, 192), down_blocks=(1, 2, 4), up_blocks=(2, 2, 0), embed_dim=192
)
TO_1024 = SuperResolutionConfig(
    patch=8, channels=(64, 128, 192), down_blocks=(1, 2, 4), up_blocks=(2, 2, 0), embed_dim=192
)


def convolutions(config, side):
    with torch.device("meta"):
        net = SuperResolutionUNet(config)
        picture, one = torch.zeros(1, 3, side, side), torch.zeros(1)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            net(picture, one, picture, one)
    return counter.get_flop_counts()["Global"][torch.ops.aten.convolution]


def first_stage(config, side):
    """The whole network's convolutions, and those of its DStack alone, which is what encoding a neighbour takes."""
    net, picture, one = UNet(config), torch.zeros(1, 3, side, side), torch.zeros(1)
    text = torch.zeros(1, 3, config.text_dim), torch.ones(1, 3, dtype=torch.bool), torch.zeros(1, config.text_dim)
    with torch.no_grad():
        neighbors = net.encode_neighbors(picture, *text, torch.zeros(1, 1, dtype=torch.int64), torch.zeros(1, 1))
        with FlopCounterMode(display=False) as counter:
            net(picture, one, *text, torch.ones(1, dtype=torch.bool), neighbors)
    counts = counter.get_flop_counts()
    return counts["Global"][torch.ops.aten.convolution], counts["UNet.dstack"][torch.ops.aten.convolution]


def reading(config, side, tokens, neighbors):
    """What an evaluation does more when it reads a text and neighbours; on the processor, as attention is not counted on the meta device."""
    conditions, resolution = config.conditions, config.conditions.neighbor_resolution
    net, picture, one = SuperResolutionUNet(config), torch.zeros(1, 3, side, side), torch.zeros(1)
    states, mask = torch.zeros(1, tokens, conditions.text_dim), torch.ones(1, tokens, dtype=torch.bool)
    with torch.no_grad():
        read = None
        if conditions.neighbors:
            shown = torch.zeros(neighbors, 3, resolution, resolution)
            captions = states.expand(neighbors, -1, -1), mask.expand(neighbors, -1)
            read = net.encode_neighbors(shown, *captions, torch.arange(neighbors)[None], torch.zeros(1, neighbors))
        read = net.condition(states, mask, torch.ones(1, dtype=torch.bool), read)
        counts = []
        for conditions in (read, None):
            with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):  # the fused kernels are not counted
                net(picture, one, picture, one, conditions)
            counts.append(counter.get_total_flops())
    return counts[0] - counts[1]


def main():
    whole, encoding = first_stage(UNetConfig(), 64)
    counts = {
        "convolutions of small at 64": whole,
        "its DStack": encoding,
        "tiny at 64": convolutions(TINY, 64),
        "to256 at 256": convolutions(TO_256, 256),
        "to1024 at 1024": convolutions(TO_1024, 1024),
        "tiny reads 7 tokens": reading(replace(TINY, conditions=ConditionsConfig(24, 4, 0, 0)), 64, 7, 0),
        "tiny reads 7 tokens and 2 neighbours": reading(replace(TINY, conditions=ConditionsConfig(24, 4, 3, 32)), 64, 7, 2),
        "to256 reads 9 tokens and 2 neighbours": reading(replace(TO_256, conditions=ConditionsConfig()), 256, 9, 2),
    }
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(counts, out, indent=2)
        out.write("\n")


if __name__ == "__main__":
    main()
