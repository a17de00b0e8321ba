"""30 steps of a small two-tower model in PyTorch -> test/fixtures/trainer/trajectory.json

torchvision's BasicBlock, transformers' BertModel, open_clip's ClipLoss, torch's AdamW and clip_grad_norm_, transformers' cosine
schedule, float64.   python test/reference/trajectory.py
"""

import json

import torch
import torch.nn.functional as F
from open_clip.loss import ClipLoss
from torch import nn
from torchvision.models.resnet import BasicBlock
from transformers import BertConfig, BertModel, get_cosine_schedule_with_warmup

from formula import array, fill, parameter

OUT = "test/fixtures/trainer/trajectory.json"
STEPS, BATCH, SIDE, LENGTH, DIM, VOCABULARY = 30, 8, 16, 8, 16, 200


class Tower(nn.Module):
    """Stem 3x3 of stride 2, pool, a stage of 8 channels, one of 16."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = nn.Sequential(BasicBlock(8, 8))
        down = nn.Sequential(nn.Conv2d(8, 16, 1, 2, bias=False), nn.BatchNorm2d(16))
        self.layer2 = nn.Sequential(BasicBlock(8, 16, 2, down))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layer2(self.layer1(x)).mean((2, 3))


config = BertConfig(
    vocab_size=VOCABULARY,
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=40,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
    attn_implementation="eager",
)
model = nn.ModuleDict({"image_encoder": Tower(), "text_encoder": BertModel(config, add_pooling_layer=False)}).double()
fill(model)
projections = {n: nn.Parameter(parameter(n, (DIM, 16))) for n in ("image_projection.weight", "text_projection.weight")}
scale = nn.Parameter(torch.tensor(10.0).double().log())
everything = [*model.named_parameters(), *projections.items(), ("logit_scale", scale)]
decayed = [p for _, p in everything if p.dim() > 1]
others = [p for _, p in everything if p.dim() <= 1]
optimizer = torch.optim.AdamW(
    [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}], lr=1e-3
)
schedule = get_cosine_schedule_with_warmup(optimizer, 5, STEPS)

losses, norms = [], []
for step in range(STEPS):
    batch = step % 4
    pixels = array(f"pixels {batch}", (BATCH, SIDE, SIDE, 3)).permute(0, 3, 1, 2)
    ids = ((array(f"ids {batch}", (BATCH, LENGTH)) + 1) * VOCABULARY / 2).long().clamp(0, VOCABULARY - 1)
    mask = torch.tensor([[1 if i < 3 + row % 6 else 0 for i in range(LENGTH)] for row in range(BATCH)])
    image = F.normalize(model["image_encoder"](pixels) @ projections["image_projection.weight"].T, dim=-1)
    states = model["text_encoder"](input_ids=ids, attention_mask=mask).last_hidden_state
    pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    text = F.normalize(pooled @ projections["text_projection.weight"].T, dim=-1)
    loss = ClipLoss()(image, text, scale.exp())
    optimizer.zero_grad()
    loss.backward()
    norms.append(torch.nn.utils.clip_grad_norm_([p for _, p in everything], 1.0).item())
    optimizer.step()
    schedule.step()
    losses.append(loss.item())

with open(OUT, "w") as file:
    json.dump({"losses": losses, "norms": norms, "scale": scale.item()}, file, indent=1)
    file.write("\n")
print(losses[0], losses[-1], norms[:3])
