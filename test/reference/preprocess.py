"""Pictures as torchvision prepares them: makes test/fixtures/data/pictures/ and its expected.json.

    python preprocess.py        (torchvision 0.28 on Pillow 12.3, numpy 2)

photo-*.jpg     photograph-like: gradients, edges, texture and noise; expected.json names, for each side asked for, a PNG with
                torchvision.transforms.Resize((side, side)) of the PIL picture, and a few values after ToTensor and Normalize.
kind-*          one small picture of each kind, with the 16 x 16 pixels (base64) that Pillow gives: orientation applied,
                transparency over white, first frame, 8-bit RGB.
"""

import base64
import io
import json
import os

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from torchvision import transforms

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "../fixtures/data/pictures")
os.makedirs(OUT, exist_ok=True)
rng = np.random.default_rng(5)
expected = {"photos": [], "kinds": {}}


def photograph(width, height):
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    base = np.stack([120 + 90 * np.sin(x / width * 3 + i) * np.cos(y / height * 2 - i) for i in range(3)], -1)
    texture = rng.normal(0, 40, (height // 6 + 1, width // 6 + 1, 3))
    texture = np.asarray(Image.fromarray(np.uint8(np.clip(texture + 128, 0, 255))).resize((width, height), Image.BICUBIC), np.float64) - 128
    image = Image.fromarray(np.uint8(np.clip(base + texture, 0, 255)))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        cx, cy, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(3, height / 6)
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        if rng.random() < 0.5:
            draw.ellipse([cx - r, cy - r, cx + r, cy + r], fill=color)
        else:
            draw.line([cx, cy, cx + 3 * r, cy + rng.uniform(-r, r)], fill=color, width=int(rng.integers(1, 6)))
    noise = rng.normal(0, 5, (height, width, 3))
    return Image.fromarray(np.uint8(np.clip(np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)), np.float64) + noise, 0, 255)))


normalize = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
for name, size, quality, sides in [
    ("photo-square", (336, 336), 80, [224, 64]),
    ("photo-wide", (500, 375), 75, [64]),
    ("photo-tall", (420, 500), 70, [64]),
    ("photo-large", (1344, 1008), 12, [224, 168]),
    ("photo-small", (60, 45), 90, [64]),
]:
    path = os.path.join(OUT, name + ".jpg")
    photograph(*size).save(path, quality=quality, optimize=True)
    for side in sides:
        resized = transforms.Resize((side, side))(Image.open(path).convert("RGB"))
        resized.save(os.path.join(OUT, f"{name}-{side}.png"), optimize=True)
        tensor = normalize(resized)
        points = [(0, 0), (side // 3, side // 2), (side - 1, side - 1)]
        values = [[round(float(tensor[c, row, column]), 6) for c in range(3)] for row, column in points]
        expected["photos"].append({"file": name + ".jpg", "size": size, "side": side, "png": f"{name}-{side}.png", "points": points, "values": values})


def kind(name, save, rgb=None, tolerance=1):
    """save(path) writes the file; rgb: what it shows, if Pillow's own reading of it does not say."""
    path = os.path.join(OUT, name)
    save(path)
    if rgb is None:
        image = ImageOps.exif_transpose(Image.open(path))
        if "transparency" in image.info or image.mode in ("LA", "RGBA", "PA"):
            white = Image.new("RGBA", image.size, "white")
            white.alpha_composite(image.convert("RGBA"))
            image = white
        rgb = image.convert("RGB")
    pixels = np.asarray(transforms.Resize((16, 16))(rgb))
    expected["kinds"][name] = {"tolerance": tolerance, "pixels": base64.b64encode(pixels.tobytes()).decode()}


small = photograph(48, 36)
array = np.asarray(small)
alpha = np.uint8(np.clip(np.mgrid[0:36, 0:48][1] * 6, 0, 255))
rgba = Image.fromarray(np.dstack([array, alpha]))
grey = small.convert("L")
other = Image.new("RGB", (48, 36), (10, 200, 30))

for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    kind(f"kind-exif-{orientation}.jpg", lambda path: small.save(path, quality=90, exif=exif), tolerance=0)
kind("kind-422.jpg", lambda path: small.save(path, quality=90, subsampling=1), tolerance=0)
kind("kind-444.jpg", lambda path: small.save(path, quality=90, subsampling=0), tolerance=0)
kind("kind-restarts.jpg", lambda path: small.save(path, quality=90, restart_marker_blocks=2), tolerance=0)
kind("kind-progressive.jpg", lambda path: small.save(path, quality=90, progressive=True), tolerance=0)
kind("kind-grey.jpg", lambda path: grey.save(path, quality=90), tolerance=0)
kind("kind-grey.png", lambda path: grey.save(path), tolerance=0)
kind("kind-grey-alpha.png", lambda path: Image.merge("LA", (grey, Image.fromarray(alpha))).save(path))
kind("kind-rgba.png", lambda path: rgba.save(path))
kind("kind-palette.png", lambda path: small.quantize(16).save(path), tolerance=0)
clear = small.quantize(16)
kind("kind-palette-clear.png", lambda path: clear.save(path, transparency=3))
kind("kind-one-bit.png", lambda path: grey.convert("1").save(path), tolerance=0)
deep = (np.asarray(grey).astype(np.uint16) * 257) ^ 0x55
kind("kind-16-bit-grey.png", lambda path: Image.fromarray(deep).save(path), rgb=Image.fromarray(np.uint8(deep >> 8)).convert("RGB"))
kind("kind-16-bit-grey.tiff", lambda path: Image.fromarray(deep).save(path), rgb=Image.fromarray(np.uint8(deep >> 8)).convert("RGB"))


def png16(path):
    """Pillow writes no 16-bit colour: the bytes of the format, by hand."""
    import struct
    import zlib

    values = (array.astype(np.uint16) * 257 ^ 0x2A).astype(">u2")
    raw = b"".join(b"\0" + values[row].tobytes() for row in range(36))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 48, 36, 16, 2, 0, 0, 0))
    open(path, "wb").write(data + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


kind("kind-16-bit-rgb.png", png16, rgb=small)
kind("kind-cmyk.jpg", lambda path: small.convert("CMYK").save(path, quality=95), tolerance=255)
kind("kind-animated.gif", lambda path: small.quantize(32).save(path, save_all=True, append_images=[other.quantize(2)], duration=100))
kind("kind-animated.webp", lambda path: small.save(path, save_all=True, append_images=[other], duration=100, lossless=True))
kind("kind-lossless.webp", lambda path: small.save(path, lossless=True), tolerance=0)
kind("kind-lossy.webp", lambda path: small.save(path, quality=80), tolerance=3)
kind("kind-alpha.webp", lambda path: rgba.save(path, lossless=True))
kind("kind-still.avif", lambda path: small.save(path, quality=90), tolerance=20)
kind("kind-two-pages.tiff", lambda path: small.save(path, save_all=True, append_images=[other], compression="tiff_lzw"), tolerance=0)

with open(os.path.join(OUT, "expected.json"), "w", encoding="utf-8") as file:
    json.dump(expected, file, indent=0)
    file.write("\n")
