"""The peer of `npm run bench -- step`: the same models and shapes in PyTorch.

Reads commands on standard input and answers each with one JSON line:
    prepare MODEL THREADS     -> {"ready": true, "parameters": N}
    run STEPS                 -> {"ms": [wall ms of each step], "cpu_ms": [CPU ms of each step], "loss": x, "peak_mb": x}

    python bench_torch.py            as installed: AdamW as its defaults have it, contiguous tensors
    python bench_torch.py --tuned    fused AdamW, channels last for the image models; start it with glibc kept from
                                     returning memory:
                                     MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=20000000000 MALLOC_TOP_PAD_=268435456

A step is forward, backward, clip_grad_norm_ at 1.0 and AdamW, in float32. The loss is the symmetric InfoNCE (T = 0.1)
of the model's pooled projection against fixed unit vectors (the other side), or of the fusion's own similarities (head).
"""

import argparse
import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from transformers import BertConfig, BertModel

DIM = 256


class SmallResNet(nn.Module):
    """resnet_small: a 3x3 stem of 32 channels, four stages of one basic block (32, 64, 128, 256)."""

    def __init__(self, channels=(32, 64, 128, 256), blocks=(1, 1, 1, 1), stem_stride=2):
        super().__init__()
        self.conv1 = nn.Conv2d(3, channels[0], 3, stem_stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels[0])
        layers, wide = [], channels[0]
        for stage, (width, count) in enumerate(zip(channels, blocks)):
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                down = None
                if stride != 1 or wide != width:
                    down = nn.Sequential(nn.Conv2d(wide, width, 1, stride, bias=False), nn.BatchNorm2d(width))
                layers.append(torchvision.models.resnet.BasicBlock(wide, width, stride, down))
                wide = width
        self.layers = nn.Sequential(*layers)

    def forward(self, pixels):
        x = F.relu(self.bn1(self.conv1(pixels)))
        return self.layers(x).mean((2, 3))


def image_tower(name):
    if name == "resnet_small":
        return SmallResNet(), 256
    net = torchvision.models.resnet50(weights=None)
    net.fc = nn.Identity()
    return net, 2048


def info_nce(similarity):
    target = torch.arange(len(similarity))
    logits = similarity / 0.1
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


class ImageModel(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.encoder, width = image_tower(name)
        self.projection = nn.Linear(width, DIM, bias=False)

    def forward(self, pixels, other):
        return info_nce(F.normalize(self.projection(self.encoder(pixels)), dim=-1) @ other.T)


class TextModel(nn.Module):
    def __init__(self, layers, hidden, heads):
        super().__init__()
        config = BertConfig(
            num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads, intermediate_size=4 * hidden,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        )
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.projection = nn.Linear(hidden, DIM, bias=False)

    def forward(self, ids, mask, other):
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).float()
        pooled = (states * weight).sum(1) / weight.sum(1)
        return info_nce(F.normalize(self.projection(pooled), dim=-1) @ other.T)


class Head(nn.Module):
    """Cross-attention of every caption's tokens over every image's regions, all pairs of the batch; the cosine of each
    token with what it attended to, meaned. (Through scaled_dot_product_attention it takes twice as long here.)"""

    def __init__(self, dim=DIM, heads=8):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)

    def forward(self, image, text, mask):
        b, r, d = image.shape
        t, h = text.shape[1], self.heads
        w = d // h
        q = self.query(text).view(b * t, h, w).transpose(0, 1)  # [heads, captions * T, w]
        k = self.key(image).view(b, r, h, w).transpose(1, 2)  # [images, heads, R, w]
        v = self.value(image).view(b, r, h, w).transpose(1, 2)
        attended = (q / w**0.5 @ k.transpose(2, 3)).softmax(-1) @ v  # [images, heads, captions * T, w]
        token = F.normalize(text, dim=-1).view(b * t, h, w).transpose(0, 1)
        dot = (attended * token).sum((1, 3))  # [images, captions * T]
        cosine = (dot / attended.square().sum((1, 3)).sqrt()).view(b, b, t)
        similarity = (cosine * mask).sum(-1) / mask.sum(-1)
        return info_nce(similarity)


def make(name):
    torch.manual_seed(0)
    unit = lambda n: F.normalize(torch.randn(n, DIM), dim=-1)
    if name == "head":
        return Head(), (torch.randn(64, 49, DIM), torch.randn(64, 32, DIM), torch.ones(64, 32))
    if name.startswith("bert"):
        sizes = {"bert_small": (2, 128, 2), "bert_medium": (4, 384, 6)}[name]
        ids = torch.randint(1000, 30000, (64, 32))
        return TextModel(*sizes), (ids, torch.ones(64, 32, dtype=torch.long), unit(64))
    batch, side = {"resnet_small": (32, 64), "resnet50": (8, 224)}[name]
    return ImageModel(name), (torch.randn(batch, 3, side, side), unit(batch))


class Peer:
    def __init__(self, name, threads, tuned):
        torch.set_num_threads(threads)
        self.model, self.inputs = make(name)
        self.model.train()
        if tuned and name.startswith("resnet"):
            self.model = self.model.to(memory_format=torch.channels_last)
            self.inputs = (self.inputs[0].contiguous(memory_format=torch.channels_last), *self.inputs[1:])
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-4, weight_decay=0.01, fused=True if tuned else None
        )

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.model(*self.inputs)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return loss.item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tuned", action="store_true")
    tuned = parser.parse_args().tuned
    peer = None
    for line in sys.stdin:
        command, *words = line.split()
        if command == "prepare":
            peer = Peer(words[0], int(words[1]), tuned)
            answer = {"ready": True, "parameters": sum(p.numel() for p in peer.model.parameters())}
        else:
            ms, cpu, loss = [], [], None
            for _ in range(int(words[0])):
                wall, used = time.perf_counter(), time.process_time()
                loss = peer.step()
                ms.append((time.perf_counter() - wall) * 1e3)
                cpu.append((time.process_time() - used) * 1e3)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            answer = {"ms": ms, "cpu_ms": cpu, "loss": loss, "peak_mb": peak}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
