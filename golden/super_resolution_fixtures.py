"""Writes super_resolution.safetensors and super_resolution_conditions.safetensors: outputs, losses and gradients of tiny networks.

Run from this folder after `pip install -r requirements.txt`; both lie in reimagen-core/src/test/resources/golden. Every parameter is
random, those that start at zero too. The second network reads text and neighbours; its cases: K = 0, 1 and 3 neighbours, each condition
dropped, both, a weighted neighbour, crops.
"""

import math
from pathlib import Path

import torch
from safetensors.torch import save_file

from reimagen_reference import alpha_sigma
from super_resolution_reference import ConditionsConfig, SuperResolutionConfig, SuperResolutionUNet, enlarge

TINY = SuperResolutionConfig(patch=2, channels=(8, 12), down_blocks=(1, 2), up_blocks=(2, 0), embed_dim=16)

CONDITIONED = SuperResolutionConfig(
    **(vars(TINY) | {"conditions": ConditionsConfig(text_dim=12, head_dim=4, neighbors=3, neighbor_resolution=16)})
)
CASES = {
    "k0": dict(k=0),
    "k1": dict(k=1),
    "k3": dict(k=3),
    "k3_no_text": dict(k=3, text=(False, False)),
    "k3_no_neighbors": dict(k=3, neighbors=(False, False)),
    "k3_neither": dict(k=3, text=(False, False), neighbors=(False, False)),
    "k3_by_row": dict(k=3, text=(True, False), neighbors=(False, True)),
    "k3_weighted": dict(k=3, weight=0.25),
    "k3_crop": dict(k=3, place=((0.25, 0.5, 0.5), (0.125, 0.0, 0.25))),
}
GRADIENTS_OF = 100  # times the loss: a mean over all pixels gives gradients beside which 1e-5 would say little
FOLDER = Path(__file__).parent.parent / "reimagen-core/src/test/resources/golden"


def inputs(generator):
    data = {
        "x0": torch.randn(2, 3, 16, 16, generator=generator).clamp(-1, 1),
        "noise": torch.randn(2, 3, 16, 16, generator=generator),
        "small": torch.randn(2, 3, 4, 4, generator=generator).clamp(-1, 1),
    }
    return data | {"t": torch.tensor([0.2, 0.9]), "level": torch.tensor([0.0, 0.4])}


def randomized(config, generator, scale):
    net = SuperResolutionUNet(config)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * scale)
    return net


def run(net, data, *conditions, times=1):
    alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(data["t"]))
    low = enlarge(data["small"], 16)
    out = net(alpha * data["x0"] + sigma * data["noise"], data["t"], low, data["level"], *conditions)
    loss = ((out - data["x0"]) / net.preconditioning(data["t"], data["level"])[2]).pow(2).mean()
    net.zero_grad()
    (times * loss).backward()
    gradients = {n: torch.zeros_like(p) if p.grad is None else p.grad.clone() for n, p in net.named_parameters()}
    return {"low": low, "out": out.detach(), "loss": loss.detach().reshape(1)} | {f"grad/{n}": g for n, g in gradients.items()}


def write(name, net, data, results):
    tensors = {f"in/{n}": a for n, a in data.items()} | {f"weights/{n}": p.detach() for n, p in net.named_parameters()}
    save_file({n: a.contiguous().clone() for n, a in (tensors | results).items() if a.numel()}, FOLDER / f"{name}.safetensors")
    print("wrote", name)


def conditioned(net, data, k, text=(True, True), neighbors=(True, True), weight=1.0, place=((0.0, 0.0, 1.0),) * 2):
    log_weights = torch.zeros(2, k)
    log_weights[~torch.tensor(neighbors)] = -math.inf
    if k:
        log_weights[:, 0] += math.log(weight)
    pictures, captions, mask = (data[f"neighbor_{n}"] for n in ("images", "states", "mask"))
    read = net.encode_neighbors(pictures, captions, mask.bool(), data["index"][:, :k], log_weights)
    conditions = net.condition(data["states"], data["mask"].bool(), torch.tensor(text), read)
    results = run(net, data, conditions, torch.tensor(place), times=GRADIENTS_OF)
    extra = {"keep": torch.tensor(text).to(torch.uint8), "log_weights": log_weights, "place": torch.tensor(place)}
    return {n: a for n, a in (results | extra).items() if n != "low"}


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(11)
    net = randomized(TINY, generator, 0.2)
    data = inputs(generator)
    write("super_resolution", net, data, run(net, data))

    generator = torch.Generator().manual_seed(12)
    net = randomized(CONDITIONED, generator, 0.35)
    data = inputs(generator)
    lengths = torch.tensor([5, 3, 4, 2])
    data |= {
        "states": torch.randn(2, 5, 12, generator=generator),
        "mask": (torch.arange(5)[None] < lengths[:2, None]).to(torch.uint8),
        "neighbor_images": torch.randn(4, 3, 16, 16, generator=generator).clamp(-1, 1),
        "neighbor_states": torch.randn(4, 5, 12, generator=generator),
        "neighbor_mask": (torch.arange(5)[None] < lengths[:, None]).to(torch.uint8),
        "index": torch.tensor([[1, 2, 3], [0, 2, 3]]),
    }
    results = {f"{case}/{n}": a for case, how in CASES.items() for n, a in conditioned(net, data, **how).items()}
    write("super_resolution_conditions", net, data, results)


if __name__ == "__main__":
    main()
