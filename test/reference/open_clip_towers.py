"""A tiny CLIP in open_clip's own layout, with what open_clip makes of it in float64 -> test/fixtures/trainer/open-clip

    python test/reference/open_clip_towers.py

open_clip_config.json, open_clip_model.safetensors   as open_clip's push_to_hub writes them
features.json   outputs of length 1 for two pictures and the first two captions of towers.py, whose ids towers.json has
"""

import json
import os
import shutil

import torch
from open_clip.model import CLIP
from safetensors.torch import save_file

from formula import array

OUT = "test/fixtures/trainer/open-clip"
os.makedirs(OUT, exist_ok=True)
with open("test/fixtures/trainer/towers.json") as file:
    rows = json.load(file)["clip"]["ids"][:2]
with open("test/fixtures/trainer/clip/config.json") as file:
    vocabulary = json.load(file)["text_config"]["vocab_size"]
model_cfg = {
    "embed_dim": 8,
    "quick_gelu": False,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 24, "patch_size": 16, "head_width": 8},
    "text_cfg": {"context_length": 16, "vocab_size": vocabulary, "width": 16, "heads": 2, "layers": 2},
}
preprocess_cfg = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.25, 0.3], "interpolation": "bilinear"}
torch.manual_seed(3)
model = CLIP(**model_cfg).eval()
for parameter in model.parameters():
    if parameter.ndim > 0:
        parameter.data.add_(torch.randn_like(parameter) * 0.1)
save_file({k: v.contiguous() for k, v in model.state_dict().items()}, f"{OUT}/open_clip_model.safetensors")
with open(f"{OUT}/open_clip_config.json", "w") as file:
    json.dump({"model_cfg": model_cfg, "preprocess_cfg": preprocess_cfg}, file, indent=2)
    file.write("\n")
shutil.copy("test/fixtures/trainer/clip/tokenizer.json", f"{OUT}/tokenizer.json")
model = model.double()
pixels = array("clip pixels", (2, 32, 32, 3)).permute(0, 3, 1, 2).double()
ids = torch.tensor([row + [0] * (16 - len(row)) for row in rows])
with torch.no_grad():
    features = {
        "image": model.encode_image(pixels, normalize=True).tolist(),
        "text": model.encode_text(ids, normalize=True).tolist(),
    }
with open(f"{OUT}/features.json", "w") as file:
    json.dump(features, file)
    file.write("\n")
