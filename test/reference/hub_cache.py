"""How Python's huggingface_hub lays a model out in its cache -> test/fixtures/weights/python-cache.json

    HF_HUB_DISABLE_TELEMETRY=1 python test/reference/hub_cache.py http://127.0.0.1:PORT

The address is a server of test/weights/hub-server.ts for test/fixtures/frozen/clip:

    npx esbuild test/weights/serve-hub.ts --bundle --platform=node --format=esm | node --input-type=module

Every file of the model's folder: what a link leads to, what a ref holds; blobs are named by the hash of what they hold.
Afterwards the cache that our client filled is read offline, should its folder be given: python … ADDRESS CACHE
"""

import json
import os
import sys
import tempfile

address, *ours = sys.argv[1:]
os.environ["HF_ENDPOINT"] = address
if ours:
    os.environ.update(HF_HUB_CACHE=ours[0], HF_HUB_OFFLINE="1")
else:
    os.environ["HF_HUB_CACHE"] = tempfile.mkdtemp()

import huggingface_hub  # noqa: E402  (it reads the environment when it is loaded)

FILES = ["onnx/vision_model.onnx", "config.json", "tokenizer.json", "tokenizer_config.json", "preprocessor_config.json"]
places = [huggingface_hub.hf_hub_download("owner/tiny", name) for name in FILES]
print("huggingface_hub", huggingface_hub.__version__)
if ours:
    for name, place in zip(FILES, places):
        same = open(place, "rb").read() == open(f"test/fixtures/frozen/clip/{name}", "rb").read()
        print("read offline" if same else "DIFFERS", place)
else:
    root = os.path.join(os.environ["HF_HUB_CACHE"], "models--owner--tiny")
    layout = {}
    for folder, _, names in os.walk(root):
        for name in names:
            place = os.path.join(folder, name)
            path = os.path.relpath(place, root)
            if os.path.islink(place):
                layout[path] = {"link": os.readlink(place)}
            else:
                layout[path] = {"text": open(place).read()} if path.startswith("refs/") else {}
    os.makedirs("test/fixtures/weights", exist_ok=True)
    with open("test/fixtures/weights/python-cache.json", "w") as file:
        json.dump(dict(sorted(layout.items())), file, indent=2)
        file.write("\n")
