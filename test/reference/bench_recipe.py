"""The recipe of `npm run bench -- recipe --torch PYTHON` in PyTorch: ResNet-50, BERT-base and cross-attention from the same weights, on the same batches.

    python bench_recipe.py FOLDER --pad 512|longest --steps N --threads N [--tuned] [--gradients NAME]
    python bench_recipe.py FOLDER --pad longest --steps N --threads N --double --against NAME NAME

FOLDER holds recipe.json (batches of image files and captions, rates) and start.safetensors. As a plain script is written: Pillow opens, torchvision
resizes and normalises, transformers tokenizes, AdamW as its defaults have it. --tuned: fused AdamW, channels last; start it with glibc
kept from returning memory. Prints one line of JSON: losses, and wall, processor and loading milliseconds of each step.
--gradients: those of the first step are written to gradients.NAME.safetensors. --double: all in float64, from the same bytes of pixels; it also
tells how far each of `--against` gradients is from its own, as a share of their norm over each branch.
"""

import argparse
import json
import math
import os
import resource
import time

import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision import transforms
from torchvision.models import resnet50
from transformers import BertConfig, BertModel, BertTokenizer

from bench_torch import Head


class Recipe(nn.Module):
    def __init__(self, start):
        super().__init__()
        net = resnet50(weights=None)
        self.image_encoder = nn.Sequential(*list(net.children())[:-2])  # [batch, 2048, 7, 7]
        config = BertConfig(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.text_encoder = BertModel(config, add_pooling_layer=False)
        self.image_projection, self.text_projection = nn.Linear(2048, 256, bias=False), nn.Linear(768, 256, bias=False)
        self.fusion = Head()
        part = lambda prefix: {name[len(prefix) :]: value for name, value in start.items() if name.startswith(prefix)}
        missing, unexpected = net.load_state_dict(part("image_encoder."), strict=False)
        assert not unexpected and all(name.startswith("fc.") or name.endswith("num_batches_tracked") for name in missing)
        self.text_encoder.load_state_dict(part("text_encoder."))
        self.image_projection.load_state_dict(part("image_projection."))
        self.text_projection.load_state_dict(part("text_projection."))
        self.fusion.load_state_dict(part("fusion.layer.0."))
        # As the trainer calls them; the classifier of `net` is no part of it.
        parts = {
            "image_encoder.": net,
            "text_encoder.": self.text_encoder,
            "image_projection.": self.image_projection,
            "text_projection.": self.text_projection,
            "fusion.layer.0.": self.fusion,
        }
        named = [(prefix + name, value) for prefix, module in parts.items() for name, value in module.named_parameters()]
        self.learnt = {name: value for name, value in named if name in start}

    def forward(self, pixels, ids, mask):
        regions = self.image_encoder(pixels).flatten(2).transpose(1, 2)  # [batch, 49, 2048]
        states = self.text_encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.fusion(self.image_projection(regions), self.text_projection(states), mask.to(states.dtype))

    def groups(self, rates):
        branches = {
            "image": [self.image_encoder],
            "text": [self.text_encoder],
            "fusion": [self.image_projection, self.text_projection, self.fusion],
        }
        for branch, modules in branches.items():
            parameters = [parameter for module in modules for parameter in module.parameters()]
            for decay, chosen in (0.01, [p for p in parameters if p.dim() > 1]), (0.0, [p for p in parameters if p.dim() <= 1]):
                yield {"params": chosen, "lr": rates[branch], "weight_decay": decay}


def branch_of(name):
    encoder = name.split(".")[0]
    return {"image_encoder": "image", "text_encoder": "text"}.get(encoder, "fusion")


def gradients_of(model, norm):
    """Of a step whose gradients of that norm were clipped to 1: as they were before."""
    return {name: (parameter.grad * max(1.0, norm + 1e-6)).contiguous() for name, parameter in model.learnt.items()}


def distances(own, file):
    """Of the gradients in a file from our own: by branch |g - own| / |own|."""
    squares = {branch: [0.0, 0.0] for branch in ("image", "text", "fusion")}
    with safe_open(file, framework="pt") as gradients:
        for name, gradient in own.items():
            sums = squares[branch_of(name)]
            sums[0] += (gradients.get_tensor(name) - gradient).square().sum().item()
            sums[1] += gradient.square().sum().item()
    return {branch: math.sqrt(difference / own) for branch, (difference, own) in squares.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--pad", choices=["512", "longest"], default="512")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--gradients")
    parser.add_argument("--double", action="store_true")
    parser.add_argument("--against", nargs="*", default=[])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.double:
        torch.set_default_dtype(torch.float64)  # ToTensor gives the default
    file_of = lambda name: os.path.join(options.folder, f"gradients.{name}.safetensors")
    with open(os.path.join(options.folder, "recipe.json"), encoding="utf-8") as file:
        recipe = json.load(file)
    tokenizer = BertTokenizer(recipe["vocabulary"])
    see = transforms.Compose(
        [
            transforms.Resize((224, 224)),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    model = Recipe(load_file(os.path.join(options.folder, "start.safetensors"))).train().to(torch.get_default_dtype())
    if options.tuned:
        model.image_encoder = model.image_encoder.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(list(model.groups(recipe["rates"])), fused=True if options.tuned else None)
    layout = torch.channels_last if options.tuned else torch.contiguous_format
    losses, ms, cpu_ms, data_ms, distance = [], [], [], [], {}
    for batch in recipe["batches"][: options.steps]:
        start, used = time.perf_counter(), time.process_time()
        pixels = torch.stack([see(Image.open(file).convert("RGB")) for file in batch["images"]]).contiguous(memory_format=layout)
        padding = "longest" if options.pad == "longest" else "max_length"
        text = tokenizer(batch["captions"], padding=padding, truncation=True, max_length=512, return_tensors="pt")
        data_ms.append((time.perf_counter() - start) * 1e3)
        optimizer.zero_grad(set_to_none=True)
        loss = model(pixels, text["input_ids"], text["attention_mask"])
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        ms.append((time.perf_counter() - start) * 1e3)
        cpu_ms.append((time.process_time() - used) * 1e3)
        if len(losses) > 1:
            continue
        if options.gradients:
            save_file(gradients_of(model, norm.item()), file_of(options.gradients))
        if options.against:
            own = gradients_of(model, norm.item())
            distance = {name: distances(own, file_of(name)) for name in options.against}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"losses": losses, "ms": ms, "cpu_ms": cpu_ms, "data_ms": data_ms, "peak_mb": peak, "distance": distance}))


main()
