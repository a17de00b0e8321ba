"""Losses of batches and their gradients -> test/fixtures/trainer/loss.json

open_clip's ClipLoss for `late`, its SigLipLoss for `sigmoid`; naive loops over pairs, one attention per picture and caption, for `cross_attention`; transformers'
BertLayer, one pair at a time, for `early`.   python test/reference/loss.py
"""

import json

import torch
import torch.nn.functional as F
from open_clip.loss import ClipLoss, SigLipLoss
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertLayer

from formula import array, parameter, summary

OUT = "test/fixtures/trainer/loss.json"
BATCH, REGIONS, LENGTH, IMAGE, TEXT, DIM, HEADS = 5, 4, 6, 12, 8, 16, 2
LENGTHS = [6, 3, 5, 2, 4]
SCALE = 10.0


def leaf(name, shape):
    return parameter(name, shape).requires_grad_(True)


def inputs():
    regions = array("regions", (BATCH, REGIONS, IMAGE)).requires_grad_(True)
    states = array("states", (BATCH, LENGTH, TEXT)).requires_grad_(True)
    weights = {
        "image_projection.weight": leaf("image_projection.weight", (DIM, IMAGE)),
        "text_projection.weight": leaf("text_projection.weight", (DIM, TEXT)),
        "logit_scale": torch.tensor(SCALE).double().log().requires_grad_(True),
    }
    return regions, states, weights


def info_nce(similarity, scale, same=None):
    logits = similarity * scale
    if same is not None:
        logits = logits.masked_fill(same, float("-inf"))
    labels = torch.arange(len(logits))
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2


def result(loss, regions, states, weights):
    loss.backward()
    tensors = {"regions": regions, "states": states, **weights}
    return {"loss": loss.item(), "gradients": {n: summary(n, t.grad) for n, t in tensors.items()}}


def mean_pooled(states):
    return torch.stack([states[i, :n].mean(0) for i, n in enumerate(LENGTHS)])


def late():
    regions, states, w = inputs()
    image = F.normalize(regions.mean(1) @ w["image_projection.weight"].T, dim=-1)
    text = F.normalize(mean_pooled(states) @ w["text_projection.weight"].T, dim=-1)
    return result(ClipLoss()(image, text, w["logit_scale"].exp()), regions, states, w)


def repeated():
    """Pairs 0 and 2 show the same picture, pairs 1 and 4 have the same caption: neither is the other's negative."""
    regions, states, w = inputs()
    image = F.normalize(regions.mean(1) @ w["image_projection.weight"].T, dim=-1)
    text = F.normalize(mean_pooled(states) @ w["text_projection.weight"].T, dim=-1)
    same = torch.zeros(BATCH, BATCH, dtype=torch.bool)
    for i, j in ((0, 2), (1, 4)):
        same[i, j] = same[j, i] = True
    return result(info_nce(image @ text.T, w["logit_scale"].exp(), same), regions, states, w)


def with_bias(weights):
    """SigLIP's start, a temperature of 0.1 and a bias of -10, but for a bias that leaves the right pairs something to say."""
    weights["logit_bias"] = torch.tensor(-3.0).double().requires_grad_(True)
    return weights["logit_scale"].exp(), weights["logit_bias"]


def sigmoid():
    regions, states, w = inputs()
    image = F.normalize(regions.mean(1) @ w["image_projection.weight"].T, dim=-1)
    text = F.normalize(mean_pooled(states) @ w["text_projection.weight"].T, dim=-1)
    return result(SigLipLoss()(image, text, *with_bias(w)), regions, states, w)


def sigmoid_repeated():
    """As `repeated`, pair by pair."""
    regions, states, w = inputs()
    image = F.normalize(regions.mean(1) @ w["image_projection.weight"].T, dim=-1)
    text = F.normalize(mean_pooled(states) @ w["text_projection.weight"].T, dim=-1)
    scale, bias = with_bias(w)
    loss = 0
    for i in range(BATCH):
        for j in range(BATCH):
            if {i, j} not in ({0, 2}, {1, 4}):
                sign = 1 if i == j else -1
                loss = loss - F.logsigmoid(sign * (image[i] @ text[j] * scale + bias)) / BATCH
    return result(loss, regions, states, w)


def cross_attention(layers):
    regions, states, w = inputs()
    for layer in range(layers):
        for part in ["query", "key", "value"] + (["output"] if layer < layers - 1 else []):
            for kind, shape in (("weight", (DIM, DIM)), ("bias", (DIM,))):
                name = f"fusion.layer.{layer}.{part}.{kind}"
                w[name] = leaf(name, shape)
        if layer < layers - 1:
            for kind in ("weight", "bias"):
                name = f"fusion.layer.{layer}.LayerNorm.{kind}"
                w[name] = leaf(name, (DIM,))
    image = regions @ w["image_projection.weight"].T
    text = states @ w["text_projection.weight"].T
    rows = []
    for i in range(BATCH):
        row = []
        for j in range(BATCH):
            tokens = text[j, : LENGTHS[j]]
            x = tokens
            for layer in range(layers):
                dense = lambda part, y: F.linear(y, w[f"fusion.layer.{layer}.{part}.weight"], w[f"fusion.layer.{layer}.{part}.bias"])
                heads = lambda y: y.reshape(len(y), HEADS, DIM // HEADS).transpose(0, 1).unsqueeze(0)
                attended = F.scaled_dot_product_attention(
                    heads(dense("query", x)), heads(dense("key", image[i])), heads(dense("value", image[i]))
                )
                attended = attended[0].transpose(0, 1).reshape(len(x), DIM)
                if layer < layers - 1:
                    norm = [w[f"fusion.layer.{layer}.LayerNorm.{kind}"] for kind in ("weight", "bias")]
                    x = F.layer_norm(x + dense("output", attended), (DIM,), *norm, eps=1e-5)
            row.append(F.cosine_similarity(attended, tokens, dim=-1).mean())
        rows.append(torch.stack(row))
    similarity = torch.stack(rows)
    return result(info_nce(similarity, w["logit_scale"].exp()), regions, states, w)


def early(layers, hard, is_sigmoid=False):
    regions, states, w = inputs()
    config = BertConfig(
        hidden_size=DIM,
        num_attention_heads=HEADS,
        intermediate_size=4 * DIM,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",
    )
    stack = [BertLayer(config).double().eval() for _ in range(layers)]
    for layer, module in enumerate(stack):
        for name, p in module.named_parameters():
            full = f"fusion.layer.{layer}.{name}"
            p.data = parameter(full, p.shape)
            w[full] = p
    for name, shape in (
        ("fusion.cls", (DIM,)),
        ("fusion.type_embeddings.weight", (2, DIM)),
        ("fusion.LayerNorm.weight", (DIM,)),
        ("fusion.LayerNorm.bias", (DIM,)),
        ("fusion.score.weight", (1, DIM)),
    ):
        w[name] = leaf(name, shape)
    image = regions @ w["image_projection.weight"].T
    text = states @ w["text_projection.weight"].T
    pooled_image = F.normalize(image.mean(1), dim=-1)
    pooled_text = F.normalize(mean_pooled(states) @ w["text_projection.weight"].T, dim=-1)
    similarity = pooled_image @ pooled_text.T
    scale = w["logit_scale"].exp()

    def score(i, j):
        types = w["fusion.type_embeddings.weight"]
        x = torch.cat([w["fusion.cls"][None], image[i] + types[0], text[j, : LENGTHS[j]] + types[1]])[None]
        x = F.layer_norm(x, (DIM,), w["fusion.LayerNorm.weight"], w["fusion.LayerNorm.bias"], eps=1e-12)
        for module in stack:
            out = module(x)
            x = out[0] if isinstance(out, tuple) else out
        return w["fusion.score.weight"][0] @ x[0, 0]

    def hardest(row, own):
        order = torch.argsort(row.detach(), descending=True).tolist()
        return [k for k in order if k != own][:hard]

    if is_sigmoid:
        bias = with_bias(w)[1]
        signs = lambda n: torch.tensor([1.0] + [-1.0] * (n - 1)).double()
        row_loss = lambda scores: -F.logsigmoid(signs(len(scores)) * (scores * scale + bias)).sum()
        pooled_loss = SigLipLoss()(pooled_image, pooled_text, scale, bias)
    else:
        row_loss = lambda scores: -F.log_softmax(scores * scale, 0)[0]
        pooled_loss = info_nce(similarity, scale)

    def direction(similarity, pair):
        losses = []
        for i in range(BATCH):
            scores = torch.stack([pair(i, k) for k in [i] + hardest(similarity[i], i)])
            losses.append(row_loss(scores))
        return torch.stack(losses).mean()

    pairs = (direction(similarity, score) + direction(similarity.T, lambda j, i: score(i, j))) / 2
    return result((pooled_loss + pairs) / 2, regions, states, w)


fixture = {
    "late": late(),
    "repeated": repeated(),
    "cross_attention 1": cross_attention(1),
    "cross_attention 2": cross_attention(2),
    "early 1": early(1, 2),
    "early 2": early(2, 9),  # more than there are
    "sigmoid": sigmoid(),
    "sigmoid repeated": sigmoid_repeated(),
    "sigmoid early 1": early(1, 2, is_sigmoid=True),
}
with open(OUT, "w") as file:
    json.dump(fixture, file, indent=1)
    file.write("\n")
