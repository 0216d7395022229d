"""Writes reimagen-core/src/test/resources/golden/network*.safetensors: outputs, losses and all gradients of tiny U-Nets.

Run from this folder after `pip install -r requirements.txt`. Every parameter is random, those that start at zero too, so
that no path is silent. Cases: K = 0, 1 and 3 neighbours; text dropped; neighbours dropped; both; one weighted neighbour.
"""

import math
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from reimagen_reference import UNet, UNetConfig, alpha_sigma

TINY = UNetConfig(channels=(8, 16, 16), blocks=(1, 1, 1), head_dim=8, embed_dim=16, text_dim=12, groups=4)
TARGETS, NEIGHBORS, TOKENS, SIDE = 3, 4, 5, 16

CASES = {
    "k0": dict(k=0),
    "k1": dict(k=1),
    "k3": dict(k=3),
    "k3_no_text": dict(k=3, text=(False, False, False)),
    "k3_no_neighbors": dict(k=3, neighbors=(False, False, False)),
    "k3_neither": dict(k=3, text=(False, False, False), neighbors=(False, False, False)),
    "k3_by_row": dict(k=3, text=(True, False, True), neighbors=(False, True, True)),
    "k3_weighted": dict(k=3, weight=0.25),
}


def inputs(generator):
    def normal(*shape):
        return torch.randn(*shape, generator=generator)

    lengths = torch.tensor([5, 3, 4, 2])
    return {
        "x0": normal(TARGETS, 3, SIDE, SIDE).clamp(-1, 1),
        "noise": normal(TARGETS, 3, SIDE, SIDE),
        "t": torch.tensor([0.1, 0.55, 0.93]),
        "states": normal(TARGETS, TOKENS, TINY.text_dim),
        "pooled": normal(TARGETS, TINY.text_dim),
        "mask": (torch.arange(TOKENS)[None] < lengths[:TARGETS, None]).to(torch.uint8),
        "neighbor_images": normal(NEIGHBORS, 3, SIDE, SIDE).clamp(-1, 1),
        "neighbor_states": normal(NEIGHBORS, TOKENS, TINY.text_dim),
        "neighbor_pooled": normal(NEIGHBORS, TINY.text_dim),
        "neighbor_mask": (torch.arange(TOKENS)[None] < lengths[:, None]).to(torch.uint8),
        "index": torch.tensor([[1, 2, 3], [0, 2, 3], [3, 1, 0]]),
    }


def run(net, data, k, text=(True,) * TARGETS, neighbors=(True,) * TARGETS, weight=1.0):
    log_weights = torch.zeros(TARGETS, k)
    log_weights[~torch.tensor(neighbors)] = -math.inf
    if k:
        log_weights[:, 0] += math.log(weight)
    keep = torch.tensor(text)
    encoded = net.encode_neighbors(
        data["neighbor_images"],
        data["neighbor_states"],
        data["neighbor_mask"].bool(),
        data["neighbor_pooled"],
        data["index"][:, :k],
        log_weights,
    )
    alpha, sigma = (a[:, None, None, None] for a in alpha_sigma(data["t"]))
    xt = alpha * data["x0"] + sigma * data["noise"]
    out = net(xt, data["t"], data["states"], data["mask"].bool(), data["pooled"], keep, encoded)
    loss = (out - (alpha * data["noise"] - sigma * data["x0"])).square().mean()
    net.zero_grad()
    loss.backward()
    gradients = {n: torch.zeros_like(p) if p.grad is None else p.grad.clone() for n, p in net.named_parameters()}
    return out.detach(), loss.detach().reshape(1), gradients, keep, log_weights


def main():
    write("network.safetensors", TINY, CASES)
    write("network_blend.safetensors", replace(TINY, blend=True), {n: CASES[n] for n in ("k0", "k3_by_row", "k3_weighted")})
    write("network_deep.safetensors", replace(TINY, blend=True, blocks=(1, 2, 3)), {"k3_by_row": CASES["k3_by_row"]})


def write(name, config, cases):
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(20)
    net = UNet(config)
    for p in net.parameters():
        p.data.add_(0.15 * torch.randn(p.shape, generator=generator))
    data = inputs(generator)
    tensors = {f"in/{n}": v for n, v in data.items()} | {f"weights/{n}": p.data for n, p in net.named_parameters()}
    for case_name, case in cases.items():
        out, loss, gradients, keep, log_weights = run(net, data, **case)
        tensors |= {f"{case_name}/out": out, f"{case_name}/loss": loss, f"{case_name}/keep": keep.to(torch.uint8)}
        tensors |= {f"{case_name}/log_weights": log_weights} if log_weights.numel() else {}
        tensors |= {f"{case_name}/grad/{n}": g for n, g in gradients.items()}
    path = Path(__file__).parent.parent / "reimagen-core/src/test/resources/golden" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({n: v.contiguous().clone() for n, v in tensors.items()}, path)
    print(path.name, path.stat().st_size, "bytes;", sum(p.numel() for p in net.parameters()), "parameters")


if __name__ == "__main__":
    main()
