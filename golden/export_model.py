"""Turns the reference trainer's averaged weights into a model folder: bfloat16 safetensors, configuration, scheduler.

Usage: python export_model.py ema.safetensors ../models/emoji --stage base|layout|256|1024 --title TITLE --license SPDX
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from reimagen_reference import UNet, config_of
from super_resolution_reference import ConditionsConfig, SuperResolutionUNet
from train_super_resolution import CONFIGS

parser = argparse.ArgumentParser()
parser.add_argument("weights", type=Path)
parser.add_argument("folder", type=Path)
parser.add_argument("--stage", choices=("base", "layout", "256", "1024"), default="base")
parser.add_argument("--neighbors", type=int, default=2, help="most neighbours that a super-resolution stage with conditions reads")
parser.add_argument("--from-time", type=float, default=0.75, help="earliest time of its own that a layout network draws at")
parser.add_argument("--title", default="Re-Imagen emoji 64")
parser.add_argument("--license", default="CC-BY-SA-4.0")
parser.add_argument("--date", default="2026-11-24")
arguments = parser.parse_args()

weights = load_file(arguments.weights)
metadata = {
    "modelspec.sai_model_spec": "1.0.1",
    "modelspec.architecture": "re-imagen-unet" if arguments.stage in ("base", "layout") else "re-imagen-super-resolution",
    "modelspec.implementation": "https://arxiv.org/abs/2209.14491",
    "modelspec.title": arguments.title,
    "modelspec.license": arguments.license,
    "modelspec.date": arguments.date,
    "weights": "exponential moving average",
}
if arguments.stage in ("base", "layout"):
    config, folder, base = config_of(weights), arguments.folder / arguments.stage, arguments.stage == "base"
    resolution = {"resolution": 64 if base else 32, "text_encoder": "bge-small-en-v1.5-q", "from_time": 0 if base else arguments.from_time}
    UNet(config).load_state_dict(weights)  # strict: names and shapes must fit
    network = {"unet": asdict(config)}
else:
    side = int(arguments.stage)
    config, folder = CONFIGS[side], arguments.folder / f"sr{side}"
    if any(name.startswith("text_attention.") for name in weights):
        reads = arguments.neighbors if any(name.startswith("neighbor_attention.") for name in weights) else 0
        config = replace(config, conditions=ConditionsConfig(neighbors=reads, neighbor_resolution=side))
    resolution = {"low_resolution": side // 4, "resolution": side}
    SuperResolutionUNet(config).load_state_dict(weights)
    network = {"network": {name: value for name, value in asdict(config).items() if value is not None}}
folder.mkdir(parents=True, exist_ok=True)
(arguments.folder / "scheduler").mkdir(exist_ok=True)
save_file({n: w.to(torch.bfloat16).contiguous() for n, w in weights.items()}, folder / "diffusion_pytorch_model.safetensors", metadata)


def write(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


write(folder / "config.json", network | resolution)
stages = [s for s in ("base", "layout", "sr256", "sr1024") if (arguments.folder / s / "config.json").exists()]
write(arguments.folder / "model_index.json", {"_class_name": "ReImagen", "stages": stages, "resolution": 64, "text_encoder": "bge-small-en-v1.5-q"})
write(
    arguments.folder / "scheduler" / "scheduler_config.json",
    {"_class_name": "DpmSolverPlusPlus2M", "noise_schedule": "cosine", "prediction_type": "v_prediction", "clip_sample": True},
)
print("wrote", folder)
