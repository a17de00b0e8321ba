"""CLIP and ViT: tiny models in the layout of the hub, with what transformers makes of them in float64 -> test/fixtures/trainer/clip, vit
and towers.json

    python test/reference/towers.py

clip/         config.json, model.safetensors, preprocessor_config.json and tokenizer.json, as save_pretrained writes them
vit/          config.json, model.safetensors and preprocessor_config.json
towers.json   token ids, prepared pixels, outputs, the loss and every gradient (as summaries, see formula.py)
"""

import base64
import json
import os

import numpy as np
import torch
from PIL import Image
from tokenizers.pre_tokenizers import ByteLevel
from safetensors.torch import load_file
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer, ViTConfig, ViTModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from formula import array, fill, summary

OUT = "test/fixtures/trainer"
PHOTO = "test/fixtures/data/pictures/photo-small.jpg"
CAPTIONS = [
    "a red apple",
    "The cat's on  the MAT, isn't it?",
    "two dogs",
    "café №7 — 3 bögen 🍎",
    "a photo of a red apple on the mat with more words than the model reads",
]
expected = {}


def gradients(model, folder):
    """By the names under which the arrays are saved, which transformers' own modules need not have."""
    saved = {v.double().numpy().tobytes(): k for k, v in load_file(f"{folder}/model.safetensors").items()}
    named = {saved[p.detach().double().numpy().tobytes()]: p.grad for p in model.parameters() if p.grad is not None}
    return {n: summary(n, grad) for n, grad in sorted(named.items())}


def photograph(processor):
    """The 8-bit pixels that the encoder sees, before they are normalised, and one of them after."""
    image = Image.open(PHOTO).convert("RGB")
    plain = np.asarray(processor(image, do_rescale=False, do_normalize=False, return_tensors="np")["pixel_values"][0])
    pixels = np.round(plain.transpose(1, 2, 0)).astype(np.uint8)
    normal = np.asarray(processor(image, return_tensors="np")["pixel_values"][0])
    return {
        "file": os.path.basename(PHOTO),
        "pixels": base64.b64encode(pixels.tobytes()).decode(),
        "normalised": normal[:, 3, 5].astype(float).tolist(),
    }


# A byte-level vocabulary: all bytes, alone and at a word's end, a few merges, and the two special tokens last, as OpenAI's.
merges = ["r e", "re d</w>", "a p", "p l", "pl e</w>", "ap ple</w>", "t h", "th e</w>", "c a", "ca t</w>", "m a", "ma t</w>", "o n</w>", "o f</w>"]
letters = sorted(ByteLevel.alphabet())
tokens = letters + [letter + "</w>" for letter in letters] + [merge.replace(" ", "") for merge in merges]
tokens += ["<|startoftext|>", "<|endoftext|>"]
vocab = {token: index for index, token in enumerate(tokens)}
tokenizer = CLIPTokenizer(vocab=vocab, merges=[tuple(merge.split(" ")) for merge in merges], model_max_length=16)

side, patch, positions, dim = 32, 16, 16, 8
config = CLIPConfig(
    text_config=dict(
        vocab_size=len(vocab), hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=positions, projection_dim=dim, bos_token_id=len(vocab) - 2, eos_token_id=len(vocab) - 1,
    ),
    vision_config=dict(
        hidden_size=24, intermediate_size=48, num_hidden_layers=2, num_attention_heads=3, image_size=side, patch_size=patch,
        projection_dim=dim,
    ),
    projection_dim=dim,
    attn_implementation="eager",
)
clip = CLIPModel(config)
fill(clip)
clip.logit_scale.data.fill_(2.6592)  # CLIP's start: 1 / T = 14.3
clip.save_pretrained(f"{OUT}/clip")
tokenizer.save_pretrained(f"{OUT}/clip")
processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
processor.save_pretrained(f"{OUT}/clip")
batch = tokenizer(CAPTIONS, padding=True, truncation=True, max_length=positions, return_tensors="pt")
pixels = array("clip pixels", (len(CAPTIONS), side, side, 3)).permute(0, 3, 1, 2)
clip = CLIPModel.from_pretrained(f"{OUT}/clip", attn_implementation="eager").double()
out = clip(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], pixel_values=pixels.double(), return_loss=True)
out.loss.backward()
expected["clip"] = {
    "captions": CAPTIONS,
    "ids": [row[mask == 1].tolist() for row, mask in zip(batch["input_ids"], batch["attention_mask"])],
    "photograph": photograph(processor),
    "image": out.image_embeds.tolist(),  # of length 1
    "text": out.text_embeds.tolist(),
    "patches": summary("patches", clip.vision_model.post_layernorm(out.vision_model_output.last_hidden_state[:, 1:])),
    "states": summary("states", out.text_model_output.last_hidden_state * batch["attention_mask"].unsqueeze(-1)),
    "logits": out.logits_per_image.tolist(),
    "loss": out.loss.item(),
    "gradients": gradients(clip, f"{OUT}/clip"),
}
larger = array("larger pixels", (2, 48, 48, 3)).permute(0, 3, 1, 2).double()
seen = clip.vision_model(pixel_values=larger, interpolate_pos_encoding=True).pooler_output
expected["clip"]["larger"] = torch.nn.functional.normalize(clip.visual_projection(seen)).tolist()

vit = ViTModel(
    ViTConfig(hidden_size=24, intermediate_size=48, num_hidden_layers=2, num_attention_heads=3, image_size=side, patch_size=patch),
    add_pooling_layer=False,
)
fill(vit)
vit.save_pretrained(f"{OUT}/vit")
processor = ViTImageProcessorPil(size={"height": side, "width": side})
processor.save_pretrained(f"{OUT}/vit")
vit = ViTModel.from_pretrained(f"{OUT}/vit", attn_implementation="eager", add_pooling_layer=False).double()
states = vit(pixel_values=array("vit pixels", (3, side, side, 3)).permute(0, 3, 1, 2).double()).last_hidden_state
(states * array("weights of outputs", states.shape).double()).sum().backward()
expected["vit"] = {
    "photograph": photograph(processor),
    "states": summary("states", states),
    "class": states[:, 0].tolist(),
    "gradients": gradients(vit, f"{OUT}/vit"),
}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


with open(f"{OUT}/towers.json", "w") as file:
    json.dump(rounded(expected), file)
    file.write("\n")
