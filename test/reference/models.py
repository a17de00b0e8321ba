"""ResNet and BERT: outputs and all gradients from torchvision and transformers in float64 -> test/fixtures/trainer/models.json

python test/reference/models.py
"""

import json

import torch
from torchvision.models import resnet18, resnet50
from transformers import BertConfig, BertModel

from formula import array, fill, summary

OUT = "test/fixtures/trainer/models.json"


def gradients(module, prefix=""):
    return {prefix + n: summary(prefix + n, p.grad) for n, p in module.named_parameters() if p.grad is not None}


def run(build, batch, side, mode, dtype, shake=0.0):
    """One forward and backward. `shake`: the pixels times 1 + shake * noise, as large as float32's own rounding."""
    model = build(weights=None).double()
    model.fc = torch.nn.Identity()
    fill(model)
    model.to(dtype).train(mode == "train")
    x = array("pixels", (batch, side, side, 3)).permute(0, 3, 1, 2)
    x = (x * (1 + shake * torch.randn(x.shape, dtype=x.dtype))).to(dtype)
    out = model(x)  # [batch, channels], average pooled
    (out * array("weights of outputs", out.shape).to(dtype)).sum().backward()
    return {
        "output": summary("output", out),
        "first": out[0, :8].double().tolist(),
        "gradients": gradients(model),
        "running": {
            n: summary(n, b)
            for n, b in model.named_buffers()
            if n.startswith(("bn1.", "layer4.0.bn")) and "num" not in n
        },
    }


def resnet(build, batch, side):
    result = {"batch": batch, "side": side}
    for mode in ("eval", "train"):
        torch.manual_seed(0)
        reference = run(build, batch, side, mode, torch.float64)
        exact = reference["gradients"]
        # What float32 costs PyTorch itself: a ReLU or a maximum that falls the other way is no small error, and which ones do
        # depends on the last bit. So the largest over several runs whose inputs differ by float32's rounding.
        noise = 0
        for shake in (0, *[2**-24] * 7):
            single = run(build, batch, side, mode, torch.float32, shake)["gradients"]
            noise = max(noise, *(max(abs(a - b) for a, b in zip(single[n], exact[n])) / exact[n][0] for n in exact))
        result[mode] = {**reference, "float32_noise": noise}
    return result


def bert(layers, width, heads, intermediate, vocabulary, batch, length):
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=intermediate,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",
    )
    model = BertModel(config, add_pooling_layer=False).double()
    fill(model)
    ids = ((array("token ids", (batch, length)) + 1) * vocabulary / 2).long().clamp(0, vocabulary - 1)
    lengths = [length - 3 * row for row in range(batch)]
    mask = torch.tensor([[1 if i < n else 0 for i in range(length)] for n in lengths])
    out = model(input_ids=ids, attention_mask=mask).last_hidden_state
    real = out * mask.unsqueeze(-1)
    (real * array("weights of outputs", out.shape)).sum().backward()
    return {
        "shape": {
            "layers": layers,
            "width": width,
            "heads": heads,
            "intermediate": intermediate,
            "vocabulary": vocabulary,
            "positions": 512,
            "types": 2,
        },
        "lengths": lengths,
        "length": length,
        "output": summary("output", real),
        "first": out[0, 0, :8].tolist(),
        "gradients": gradients(model),
    }


fixture = {
    "resnet18": resnet(resnet18, 2, 64),
    "resnet50": resnet(resnet50, 2, 64),
    "bert-tiny": bert(2, 128, 2, 512, 500, 3, 16),
    "bert-mini": bert(4, 256, 4, 1024, 500, 2, 8),
    # Two of its twelve layers: all of them were compared once (worst gradient 1.7e-6), but take too long in every test run.
    "bert-base-uncased": bert(2, 768, 12, 3072, 500, 2, 8),
}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


with open(OUT, "w") as file:
    json.dump(rounded(fixture), file)
    file.write("\n")
