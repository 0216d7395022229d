"""Turns the reference trainer's averaged weights into a model folder: bfloat16 safetensors, configuration, scheduler.

Usage: python export_model.py ema.safetensors ../models/emoji --title TITLE --license SPDX
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from reimagen_reference import UNet, UNetConfig

parser = argparse.ArgumentParser()
parser.add_argument("weights", type=Path)
parser.add_argument("folder", type=Path)
parser.add_argument("--title", default="Re-Imagen emoji 64")
parser.add_argument("--license", default="CC-BY-SA-4.0")
parser.add_argument("--date", default="2026-11-23")
arguments = parser.parse_args()

config = UNetConfig()
weights = load_file(arguments.weights)
UNet(config).load_state_dict(weights)  # strict: names and shapes must fit
base = arguments.folder / "base"
base.mkdir(parents=True, exist_ok=True)
(arguments.folder / "scheduler").mkdir(exist_ok=True)
metadata = {
    "modelspec.sai_model_spec": "1.0.1",
    "modelspec.architecture": "re-imagen-unet",
    "modelspec.implementation": "https://arxiv.org/abs/2209.14491",
    "modelspec.title": arguments.title,
    "modelspec.license": arguments.license,
    "modelspec.date": arguments.date,
    "weights": "exponential moving average",
}
save_file({n: w.to(torch.bfloat16).contiguous() for n, w in weights.items()}, base / "diffusion_pytorch_model.safetensors", metadata)


def write(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


write(arguments.folder / "model_index.json", {"_class_name": "ReImagen", "stages": ["base"], "resolution": 64, "text_encoder": "bge-small-en-v1.5-q"})
write(
    arguments.folder / "scheduler" / "scheduler_config.json",
    {"_class_name": "DpmSolverPlusPlus2M", "noise_schedule": "cosine", "prediction_type": "v_prediction", "clip_sample": True},
)
write(
    base / "config.json",
    {
        "unet": {
            "image_channels": config.image_channels,
            "patch": config.patch,
            "channels": config.channels,
            "blocks": config.blocks,
            "attention": config.attention,
            "head_dim": config.head_dim,
            "embed_dim": config.embed_dim,
            "text_dim": config.text_dim,
            "groups": config.groups,
        },
        "resolution": 64,
        "text_encoder": "bge-small-en-v1.5-q",
    },
)
print("wrote", arguments.folder)
