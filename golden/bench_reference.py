"""Times training steps of the PyTorch statement, as `reimagen bench --dataset` times Java's: batch 32, K = 2, Muon; data and text from memory.

Usage: OMP_NUM_THREADS=2 python bench_reference.py [--mixed-precision no|bf16]

Without the flag, bfloat16 is used where the processor has instructions for it, as Java's Precision decides.
"""

import argparse
import time

import torch

from reimagen_reference import UNet, bfloat16_is_fast
from train_reference import Muon

BATCH, WARM_UP, STEPS = 32, 3, 9

parser = argparse.ArgumentParser()
parser.add_argument("--mixed-precision", choices=("no", "bf16"), default="bf16" if bfloat16_is_fast("cpu") else "no")
precision = torch.bfloat16 if parser.parse_args().mixed_precision == "bf16" else torch.float32

net = UNet().to(memory_format=torch.channels_last)
optimizer = Muon(net, precision=precision)
x = torch.randn(BATCH, 3, 64, 64).to(memory_format=torch.channels_last)
states, mask = torch.randn(BATCH, 14, 384), torch.ones(BATCH, 14, dtype=torch.bool)
pooled, keep, t = torch.randn(BATCH, 384), torch.ones(BATCH, dtype=torch.bool), torch.rand(BATCH)
index = torch.tensor([[j for j in range(i // 4 * 4, i // 4 * 4 + 4) if j != i][:2] for i in range(BATCH)])
seconds = []
for step in range(WARM_UP + STEPS):
    start = time.time()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == torch.bfloat16):
        neighbors = net.encode_neighbors(x, states, mask, pooled, index, torch.zeros(BATCH, 2))
        out = net(x, t, states, mask, pooled, keep, neighbors)
    (out.float() - x).square().mean().backward()
    optimizer.step(1e-4)
    net.zero_grad()
    seconds.append(time.time() - start)
print(f"forward, backward and Muon in {precision}: {BATCH / sorted(seconds[WARM_UP:])[STEPS // 2]:.1f} images/s")
