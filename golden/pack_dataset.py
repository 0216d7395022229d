"""Packs a data set into one small file for a machine that cannot make it, and unpacks it there.

Usage: python pack_dataset.py pack ../dataset emoji.zip; python pack_dataset.py unpack emoji.zip dataset

Pictures become lossless WebP, about a tenth of their size. Where a picture is wholly transparent its colour is not kept: no trainer
sees it.
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from reference_data import Data

NOTES = ("dataset.json", "manifest.jsonl")


def pack(folder, file):
    data = Data(folder)
    with zipfile.ZipFile(file, "w") as archive:
        for name in NOTES:
            archive.write(folder / name, name, zipfile.ZIP_DEFLATED)
        for i, picture in enumerate(data.rgba):
            picture = np.where(picture[..., 3:] > 0, picture, 0).astype(np.uint8)
            out = io.BytesIO()
            Image.fromarray(picture, "RGBA").save(out, "WEBP", lossless=True, quality=80, method=4, exact=True)
            archive.writestr(f"{i}.webp", out.getvalue())


def unpack(file, folder):
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file) as archive, open(folder / "pictures.bin", "wb") as pictures:
        for name in NOTES:
            (folder / name).write_bytes(archive.read(name))
        for i in range(len(archive.namelist()) - len(NOTES)):
            pictures.write(np.asarray(Image.open(io.BytesIO(archive.read(f"{i}.webp"))).convert("RGBA")).tobytes())


parser = argparse.ArgumentParser()
parser.add_argument("verb", choices=("pack", "unpack"))
parser.add_argument("source", type=Path)
parser.add_argument("target", type=Path)
arguments = parser.parse_args()
{"pack": pack, "unpack": unpack}[arguments.verb](arguments.source, arguments.target)
