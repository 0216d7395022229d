"""Averages the weights of runs that went on from the same weights, each with its own seed: one training spread over several machines.

Usage: python average_weights.py run-a/ema.safetensors run-b/ema.safetensors --out start.safetensors

The result is the --init of the next runs, or, after the last, what export_model.py takes. Source: Model soups, arXiv 2203.05482.
"""

import argparse
from pathlib import Path

from safetensors.torch import load_file, save_file


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    recipe = parser.parse_args()
    runs = [load_file(path) for path in recipe.weights]
    for path, run in zip(recipe.weights, runs):
        if {n: w.shape for n, w in run.items()} != {n: w.shape for n, w in runs[0].items()}:
            parser.error(f"{path}: another network than {recipe.weights[0]}")
    save_file({n: sum(run[n].float() for run in runs) / len(runs) for n in runs[0]}, recipe.out)


if __name__ == "__main__":
    main()
