"""Pictures a second of PyTorch's DataLoader, beside `npm run bench -- data --torch PYTHON`.

    python bench_loader.py CSV --side 224 --batch 32 --workers 2 --epochs 3

Pillow opens each picture of the list, torchvision's Resize, ToTensor and Normalize bring it to [3, side, side], workers are kept from epoch
to epoch. Where torchvision is not installed its three transforms are written out as it does them on PIL pictures. One line of JSON: pictures
a second and processor milliseconds a picture by epoch, and the mean of the first picture's pixels, to be compared.
"""

import argparse
import csv
import json
import os
import resource
import time

import numpy as np
import torch
from PIL import Image

MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def transforms_of(side):
    try:
        from torchvision import transforms
    except Exception:  # also where it is there and its compiled operators do not load
        return by_hand(side), "Pillow and torch"
    steps = [transforms.Resize((side, side)), transforms.ToTensor(), transforms.Normalize(MEAN, DEVIATION)]
    return transforms.Compose(steps), "torchvision"


def by_hand(side):
    mean, deviation = (torch.tensor(three).view(3, 1, 1) for three in (MEAN, DEVIATION))

    def transform(picture):
        resized = picture.resize((side, side), Image.BILINEAR)
        values = torch.from_numpy(np.array(resized, np.uint8, copy=True)).permute(2, 0, 1).contiguous()
        return values.to(torch.float32).div(255).sub_(mean).div_(deviation)

    return transform


class Pictures(torch.utils.data.Dataset):
    def __init__(self, file, side):
        with open(file, encoding="utf-8", newline="") as lines:
            self.paths = [os.path.join(os.path.dirname(file), row["image"]) for row in csv.DictReader(lines)]
        self.transform, self.by = transforms_of(side)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        with open(self.paths[index], "rb") as file:
            return self.transform(Image.open(file).convert("RGB"))


def processor_seconds():
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("csv")
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    pictures = Pictures(options.csv, options.side)
    first = pictures[0].double().mean().item()
    loader = torch.utils.data.DataLoader(
        pictures, options.batch, shuffle=True, num_workers=options.workers, persistent_workers=options.workers > 0
    )
    rates, before = [], processor_seconds()
    for _ in range(options.epochs):
        start = time.perf_counter()
        seen = sum(len(batch) for batch in loader)
        rates.append(seen / (time.perf_counter() - start))
    # Children are counted once they have ended.
    del loader
    cpu = (processor_seconds() - before) / (options.epochs * len(pictures)) * 1e3
    print(json.dumps({"by": pictures.by, "workers": options.workers, "pictures_per_s": rates, "cpu_ms": cpu, "first_mean": first}))


main()
