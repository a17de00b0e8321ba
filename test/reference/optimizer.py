"""AdamW after clip_grad_norm_ over 20 steps, by torch -> test/fixtures/trainer/optimizer.json

python test/reference/optimizer.py
"""

import json

import torch

from formula import array, parameter

OUT = "test/fixtures/trainer/optimizer.json"
STEPS = 20
SHAPES = {"image_encoder.w": (3, 4), "image_encoder.b": (4,), "text_encoder.w": (5, 2), "logit_scale": (1,)}
RATES = {"image": 1e-2, "text": 3e-3, "scale": 1e-2}


def branch(name):
    return "image" if name.startswith("image") else "text" if name.startswith("text") else "scale"


def run(clip_by):
    parameters = {n: torch.nn.Parameter(parameter(n, s).float()) for n, s in SHAPES.items()}
    groups = [
        {"params": [p], "lr": RATES[branch(n)], "weight_decay": 0.1 if p.dim() > 1 else 0.0} for n, p in parameters.items()
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-6)
    norms = []
    for step in range(STEPS):
        for n, p in parameters.items():
            p.grad = array(f"gradient {step} {n}", SHAPES[n], 0.1 + 0.1 * step).float()
        if clip_by == "global":
            norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0).item())
        else:
            per = {
                b: torch.nn.utils.clip_grad_norm_([p for n, p in parameters.items() if branch(n) == b], 1.0).item()
                for b in RATES
            }
            norms.append(per)
        optimizer.step()
    return {"norms": norms, "parameters": {n: p.detach().flatten().tolist() for n, p in parameters.items()}}


with open(OUT, "w") as file:
    json.dump({"global": run("global"), "branch": run("branch")}, file, indent=1)
    file.write("\n")
