"""Turns pytorch-fid's Inception weights into the safetensors file that `eval fid --weights` reads.

Usage: python convert_inception.py pt_inception-2015-12-05-6726825d.pth inception.safetensors

The .pth file is published with the releases of pytorch-fid on GitHub (mseitzer/pytorch-fid, tag fid_weights); it is loaded with
weights_only, so that no code in it runs. The classifier and the counters of the batch normalisations are left out.
"""

import sys

import torch
from safetensors.torch import save_file

source, target = sys.argv[1:]
state = torch.load(source, map_location="cpu", weights_only=True)
kept = {n: t.float().contiguous() for n, t in state.items() if not n.startswith(("fc.", "AuxLogits.")) and "num_batches" not in n}
if len(kept) != 94 * 5:
    sys.exit(f"{source}: has {len(kept)} tensors of the FID Inception network, expected {94 * 5}")
save_file(kept, target, metadata={"format": "pt", "source": "pytorch-fid"})
print(target, len(kept), "tensors")
