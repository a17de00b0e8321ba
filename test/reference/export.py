"""Loads what `tandem export` wrote with transformers, torchvision and onnxruntime, and compares their outputs.

    python export.py ONNX_FOLDER SAFETENSORS_FOLDER IMAGE

Run by hand; both folders are of one run with `fusion: { kind: late }` and a resnet18 or resnet50. Nothing is written.
"""

import io
import os
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

tolerance = 1e-4


def blocks(folder: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text("utf8"), re.S)


def printed(code: str, folder: Path) -> str:
    before, out = os.getcwd(), io.StringIO()
    os.chdir(folder)
    try:
        with redirect_stdout(out):
            exec(compile(code, "README", "exec"), {})
    finally:
        os.chdir(before)
    return out.getvalue().strip()


def main(onnx_folder: Path, weights: Path, image: Path) -> None:
    for folder in (onnx_folder, weights):
        Image.open(image).convert("RGB").save(folder / "x.png")
    for name in ("image", "text"):
        onnx.checker.check_model(str(onnx_folder / f"{name}.onnx"), full_check=True)

    pixels = AutoImageProcessor.from_pretrained(weights / "image_encoder")(Image.open(image).convert("RGB"), return_tensors="pt")
    encoder = AutoModel.from_pretrained(weights / "image_encoder").eval()
    network = getattr(torchvision.models, "resnet50" if encoder.config.layer_type == "bottleneck" else "resnet18")()
    loaded = network.load_state_dict(load_file(weights / "image_encoder/torchvision.safetensors"), strict=False)
    assert not loaded.unexpected_keys and all(re.match(r"fc\.|.*num_batches_tracked$", key) for key in loaded.missing_keys), loaded
    network.fc = torch.nn.Identity()
    head = load_file(weights / "head.safetensors")
    with torch.no_grad():
        regions = encoder(**pixels).last_hidden_state.flatten(2).transpose(1, 2)
        pooled = network.eval()(pixels["pixel_values"])
        embeds = torch.nn.functional.normalize(regions.mean(1) @ head["image_projection.weight"].T, dim=-1)
    print("torchvision and transformers:", difference(pooled, regions.mean(1)))
    session = onnxruntime.InferenceSession(onnx_folder / "image.onnx")
    for count in (1, 3):
        feeds = {"pixel_values": pixels["pixel_values"].repeat(count, 1, 1, 1).numpy()}
        (found,) = session.run(None, feeds)
        print(f"image.onnx and transformers, batch {count}:", difference(torch.from_numpy(found), embeds.repeat(count, 1)))

    similarities = [float(printed(code, folder)) for folder in (onnx_folder, weights) for code in blocks(folder)[:1]]
    print("README of ONNX and of weights:", similarities)
    assert abs(similarities[0] - similarities[1]) <= tolerance
    assert printed(blocks(weights)[1], weights) == "[]"


def difference(a: torch.Tensor, b: torch.Tensor) -> float:
    worst = float((a - b).abs().max() / max(1.0, float(b.abs().max())))
    assert worst <= tolerance, worst
    return worst


main(*(Path(argument).resolve() for argument in sys.argv[1:4]))
