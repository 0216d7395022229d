"""Writes reimagen-pipeline/src/test/resources/golden/l0_smoothing.json: small pictures smoothed by L0 gradient minimisation.

Run from this folder after `pip install -r requirements.txt`. Algorithm 1 of Xu, Lu, Xu and Jia (SIGGRAPH Asia 2011) by sparse matrices and a
direct solver of scipy, where the Java statement goes by cosine transforms.
"""

import json
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import splu

FIXTURE = Path(__file__).parent.parent / "reimagen-pipeline/src/test/resources/golden/l0_smoothing.json"
SIDE = 12


def differences(side):
    """Next pixel less this one along a line, none after the last: [side, side]."""
    d = sparse.diags([-np.ones(side), np.ones(side - 1)], [0, 1]).tolil()
    d[side - 1] = 0
    return d.tocsr()


def smoothed(picture, weight):
    """[3, S, S] in [0, 1] -> the same."""
    side = picture.shape[1]
    d, one = differences(side), sparse.identity(side)
    across, down = sparse.kron(one, d).tocsr(), sparse.kron(d, one).tocsr()
    laplacian = across.T @ across + down.T @ down
    drawing = picture.reshape(3, -1).T
    smooth, beta = drawing, 2 * weight
    while beta < 1000:
        h, v = across @ smooth, down @ smooth
        faint = (h**2 + v**2).sum(1) < weight / beta
        h[faint], v[faint] = 0, 0
        smooth = splu((sparse.identity(side * side) + beta * laplacian).tocsc()).solve(drawing + beta * (across.T @ h + down.T @ v))
        beta *= 2
    return smooth.T.reshape(picture.shape)


def main():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    disc = ((x - 0.5) ** 2 + (y - 0.4) ** 2 < 0.1)[None] * np.array([0.7, 0.2, -0.4])[:, None, None] + 0.45
    ramp = np.stack([x, y, (x + y) / 2])
    cases = []
    for picture in (disc + rng.normal(0, 0.03, disc.shape), ramp, rng.random((3, SIDE, SIDE))):
        picture = picture.clip(0, 1).round(4)
        for weight in (0.003, 0.03):
            cases.append({"weight": weight, "picture": picture.ravel().tolist(), "smooth": smoothed(picture, weight).ravel().round(7).tolist()})
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    FIXTURE.write_text(json.dumps({"side": SIDE, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
