"""Loads what `tandem export` wrote by the README's own lines: ONNX files, or the safetensors of a run with `fusion: { kind: late }`.

    python export_towers.py FOLDER IMAGE SIMILARITY [TOLERANCE]

SIMILARITY: what `tandem search RUN --in FOLDER_OF_THAT_IMAGE "a red apple" --json` says. TOLERANCE: 1e-5; 1e-3 where
the fusion scores pairs, since a search keeps regions in half precision, or where an encoder is in half precision. Run by hand; of a CLIP it also compares the folders of the two towers
with the whole. Nothing is written but the copy of the image that the README names.
"""

import os
import re
import sys
from pathlib import Path

import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel, CLIPTextModel, CLIPVisionModel

tolerance = float(sys.argv[4]) if len(sys.argv) > 4 else 1e-5


def main(folder: Path, image: Path, similarity: float) -> None:
    os.chdir(folder)
    Image.open(image).convert("RGB").save("x.png")
    found: dict = {}
    code = re.findall(r"```python\n(.*?)```", Path("README.md").read_text("utf8"), re.S)[0]
    exec(compile(code.replace("print(float(", "result = (float("), "README", "exec"), found)
    print("similarity:", found["result"], "wanted:", similarity)
    assert abs(found["result"] - similarity) <= tolerance
    if Path("clip").exists():
        towers()


def towers() -> None:
    whole = CLIPModel.from_pretrained("clip").eval()
    pixels = AutoImageProcessor.from_pretrained("image_encoder")(Image.open("x.png"), return_tensors="pt")
    tokens = AutoTokenizer.from_pretrained("text_encoder")("a red apple", return_tensors="pt")
    with torch.no_grad():
        both = whole(**pixels, **tokens)
        image = whole.visual_projection(CLIPVisionModel.from_pretrained("image_encoder").eval()(**pixels).pooler_output)
        text = whole.text_projection(CLIPTextModel.from_pretrained("text_encoder").eval()(**tokens).pooler_output)
    for name, projected, wanted in (("image", image, both.image_embeds), ("text", text, both.text_embeds)):
        own = torch.nn.functional.normalize(projected, dim=-1)
        worst = float((own - wanted).abs().max())
        print(f"{name} tower and the whole CLIP:", worst)
        assert worst <= tolerance


main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), float(sys.argv[3]))
