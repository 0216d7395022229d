"""Writes reimagen-eval/src/test/resources/golden/fid.safetensors and distances.json, resize.safetensors and statistics.npz beside it: what pytorch-fid, clean-fid's resizing
by Pillow, scipy and numpy say of small inputs.

Run from this folder after `pip install -r requirements.txt`. The Inception network's weights are not stored: both sides fill them
by the same integer hash (`fill`), so that the fixture holds features only.
"""

import json
from pathlib import Path

import numpy as np
import pytorch_fid.inception as inception
import torch
from PIL import Image
from pytorch_fid.fid_score import calculate_frechet_distance
from safetensors.torch import save_file

FOLDER = Path(__file__).parent.parent / "reimagen-eval/src/test/resources/golden"


def fill(count, salt):
    """`count` numbers in [-0.5, 0.5), the same in any language with 32-bit integers."""
    x = np.arange(count, dtype=np.uint64) * 2654435761 + salt * 40503 & 0xFFFFFFFF
    x = (x ^ x >> 15) * 2246822519 & 0xFFFFFFFF
    x = (x ^ x >> 13) * 3266489917 & 0xFFFFFFFF
    x ^= x >> 16
    return torch.from_numpy(x.astype(np.float64) / 2**32 - 0.5)


def seeded_state(network):
    state = {}
    names = [n for n in network.state_dict() if "num_batches" not in n]
    for salt, name in enumerate(sorted(names)):
        shape = network.state_dict()[name].shape
        values = fill(shape.numel(), salt).reshape(shape)
        if name.endswith("conv.weight"):
            values = values * (24 / shape[1:].numel()) ** 0.5
        elif name.endswith("bn.weight") or name.endswith("running_var"):
            values = 1 + 0.5 * values
        else:
            values = 0.4 * values
        state[name] = values.float()
    return state


def network():
    holder = {}

    def no_download(*_, **__):
        return holder["state"]

    def seeded(*args, **kwargs):
        made = plain(*args, **kwargs)
        load = made.load_state_dict
        made.load_state_dict = lambda _: load(seeded_state(without_head(made)), strict=False)
        return made

    def without_head(made):
        made.fc = torch.nn.Identity()
        return made

    holder["state"] = {}
    plain = inception._inception_v3
    inception._inception_v3 = seeded
    inception.load_state_dict_from_url = no_download
    return inception.InceptionV3(resize_input=False, normalize_input=False).eval()


def pictures(count, height, width):
    return ((fill(count * 3 * height * width, 9001) + 0.5) * 256).floor().reshape(count, 3, height, width).to(torch.uint8)


def resized():
    tensors = {}
    for case, (height, width, size) in {"down": (37, 53, 19), "up": (11, 7, 23), "far": (64, 90, 5), "same": (8, 8, 8)}.items():
        picture = pictures(1, height, width)[0]
        image = Image.fromarray(picture.permute(1, 2, 0).numpy())
        bytes_ = np.asarray(image.resize((size, size), resample=Image.BICUBIC)).transpose(2, 0, 1)
        floats = [np.asarray(Image.fromarray(c.numpy().astype(np.float32)).resize((size, size), resample=Image.BICUBIC)) for c in picture]
        tensors |= {f"{case}/in": picture, f"{case}/bytes": torch.from_numpy(bytes_.copy()), f"{case}/floats": torch.from_numpy(np.stack(floats))}
        bilinear = torch.nn.functional.interpolate(picture[None].float(), size=(size, size), mode="bilinear", align_corners=False)
        tensors[f"{case}/bilinear"] = bilinear[0]
    return tensors


def statistics(features):
    return features.mean(0), np.cov(features, rowvar=False)


def kernel_distance(x, y):
    """Unbiased squared MMD with the kernel (x.y / d + 1)^3 over all samples; Binkowski et al., 2018."""
    d, m, n = x.shape[1], len(x), len(y)
    xx, yy, xy = ((a @ b.T / d + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))
    return (xx.sum() - np.trace(xx)) / (m * (m - 1)) + (yy.sum() - np.trace(yy)) / (n * (n - 1)) - 2 * xy.mean()


def distances():
    tensors, expected = {}, {}
    for case, (n, m, d) in {"full": (60, 50, 12), "few": (6, 8, 24)}.items():
        tensors[f"{case}/x"] = (fill(n * d, 11).reshape(n, d) * 2).float()
        tensors[f"{case}/y"] = (fill(m * d, 12).reshape(m, d) * 1.5 + 0.3).float()
        x, y = (tensors[f"{case}/{side}"].double().numpy() for side in "xy")
        frechet = float(np.real(calculate_frechet_distance(*statistics(x), *statistics(y))))
        expected[case] = {"frechet": frechet, "kernel": float(kernel_distance(x, y))}
    return tensors, expected


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in resized().items()}, FOLDER / "resize.safetensors")
    batch = pictures(2, 139, 107).float() / 127.5 - 1
    with torch.no_grad():
        features = network()(batch)[0].flatten(1)
    print("features", features.shape, "mean", features.mean().item(), "deviation", features.std().item())
    tensors, expected = distances()
    tensors["inception/features"] = features
    (FOLDER / "distances.json").write_text(json.dumps(expected, indent=1) + "\n")
    save_file({k: v.contiguous() for k, v in tensors.items()}, FOLDER / "fid.safetensors")
    x, y = (tensors[f"full/{n}"].double().numpy() for n in "xy")
    mu, sigma = statistics(x)
    np.savez_compressed(FOLDER / "statistics.npz", mu=mu, sigma=sigma)
    print(expected, {p.name: p.stat().st_size for p in FOLDER.iterdir()})


if __name__ == "__main__":
    main()
