"""Counts the convolutions of the networks with PyTorch's own counter, on the meta device: nothing is computed.

    python golden/flop_fixtures.py reimagen-core/src/test/resources/golden/flops.json
"""
import json
import sys

import torch
from torch.utils.flop_counter import FlopCounterMode

from super_resolution_reference import SuperResolutionConfig, SuperResolutionUNet

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


def main():
    counts = {
        "tiny at 64": convolutions(TINY, 64),
        "to256 at 256": convolutions(TO_256, 256),
        "to1024 at 1024": convolutions(TO_1024, 1024),
    }
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(counts, out, indent=2)
        out.write("\n")


if __name__ == "__main__":
    main()
