"""Learning-rate schedules by transformers, every 7th of 100 steps -> test/fixtures/trainer/schedule.json

python test/reference/schedule.py
"""

import json

import torch
from transformers import (
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_inverse_sqrt_schedule,
    get_linear_schedule_with_warmup,
)

OUT = "test/fixtures/trainer/schedule.json"
STEPS = 100


def values(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(optimizer)
    rates = []
    for _ in range(STEPS + 1):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return rates[::7]


fixture = {
    f"{kind} {warmup}": values(make)
    for warmup in (0, 10)
    for kind, make in {
        "constant": lambda o: get_constant_schedule_with_warmup(o, warmup),
        "linear": lambda o: get_linear_schedule_with_warmup(o, warmup, STEPS),
        "cosine": lambda o: get_cosine_schedule_with_warmup(o, warmup, STEPS),
        "inverse_sqrt": lambda o: get_inverse_sqrt_schedule(o, warmup),
    }.items()
}
with open(OUT, "w") as file:
    json.dump(fixture, file, indent=1)
    file.write("\n")
