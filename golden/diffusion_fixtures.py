"""Writes reimagen-core/src/test/resources/golden/samplers.json: trajectories of diffusers' schedulers under a linear model.

The model is eps = a(t) * x + b, so that both sides compute it exactly. The schedulers get our continuous cosine schedule
as `trained_betas` of 1000 steps; our samplers then run over the same times t = (i + 1) / 1000.
"""

import json
import math
from pathlib import Path

import torch
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler, HeunDiscreteScheduler

START = [0.3, -1.2, 0.8, 2.0]
STEPS = 10
TRAIN = 1000
# The cosine is stopped short of t = 1, where alpha vanishes.
ALPHA_BARS = [math.cos(math.pi / 2 * 0.995 * (i + 1) / TRAIN) ** 2 for i in range(TRAIN)]


def betas():
    previous = [1.0] + ALPHA_BARS[:-1]
    return torch.tensor([1 - a / p for a, p in zip(ALPHA_BARS, previous)], dtype=torch.float64)


def eps(x, i):
    return (0.9 - 0.5 * (i + 1) / TRAIN) * x + 0.05


def run(scheduler, **arguments):
    scheduler.set_timesteps(STEPS)
    x = torch.tensor([START], dtype=torch.float64)
    timesteps = [int(t) for t in scheduler.timesteps]
    trajectory = []
    for t in timesteps:
        x = scheduler.step(eps(x, t), t, x, **arguments).prev_sample
        trajectory.append(x[0].tolist())
    return {"times": [0.995 * (t + 1) / TRAIN for t in timesteps], "trajectory": trajectory}


def run_heun(scheduler):
    """Heun's scheduler keeps x / alpha and visits every time but the first twice; what is recorded is x after whole steps."""
    scheduler.set_timesteps(STEPS)
    timesteps = [int(t) for t in scheduler.timesteps]
    alpha = {t: math.sqrt(ALPHA_BARS[t]) for t in timesteps}
    x = torch.tensor([START], dtype=torch.float64) / alpha[timesteps[0]]
    trajectory = []
    for n, t in enumerate(timesteps):
        x = scheduler.step(eps(x * alpha[t], t), scheduler.timesteps[n], x).prev_sample
        last = n == len(timesteps) - 1
        if n % 2 == 1 or last:
            trajectory.append((x if last else x * alpha[t])[0].tolist())
    return {"times": [0.995 * (t + 1) / TRAIN for t in dict.fromkeys(timesteps)], "trajectory": trajectory}


def main():
    common = dict(num_train_timesteps=TRAIN, trained_betas=betas().numpy(), prediction_type="epsilon")
    ddim = DDIMScheduler(**common, clip_sample=False, set_alpha_to_one=True, timestep_spacing="leading", steps_offset=0)
    dpm = DPMSolverMultistepScheduler(
        **common, algorithm_type="dpmsolver++", solver_order=2, solver_type="midpoint", timestep_spacing="leading", final_sigmas_type="zero"
    )
    # DDPM's mean: its noise replaced by zero, as the variance is tested against DDIM's with eta = 1.
    ddpm = DDPMScheduler(**common, clip_sample=False, timestep_spacing="leading", variance_type="fixed_small")
    ddpm._get_variance = lambda *a, **k: torch.zeros((), dtype=torch.float64)
    heun = HeunDiscreteScheduler(**common, timestep_spacing="leading")
    cases = {"ddim": run(ddim), "dpmpp2m": run(dpm), "ddpm_mean": run(ddpm), "heun": run_heun(heun)}
    path = Path(__file__).parent.parent / "reimagen-core/src/test/resources/golden/samplers.json"
    path.write_text(json.dumps({"start": START, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
