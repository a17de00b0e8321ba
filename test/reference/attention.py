"""The attention weights of cross-attention, by torch.nn.MultiheadAttention, for test/trainer/attention.test.ts.

    python attention.py > ../fixtures/trainer/attention.json

Two layers of two heads over an image of six regions and a caption of four tokens; all numbers by formula.py. As in the fusion, the tokens ask and the
regions answer; between the layers the tokens become LayerNorm(tokens + output of the attention).
"""

import json
import sys

import torch
from formula import array, parameter

dim, heads, layers, regions, tokens = 8, 2, 2, 6, 4


def attention(layer: int) -> torch.nn.MultiheadAttention:
    name = f"fusion.layer.{layer}."
    module = torch.nn.MultiheadAttention(dim, heads, batch_first=True).double()
    with torch.no_grad():
        for kind, filled in (("weight", module.in_proj_weight), ("bias", module.in_proj_bias)):
            shape = (dim, dim) if kind == "weight" else (dim,)
            filled.copy_(torch.cat([parameter(f"{name}{part}.{kind}", shape) for part in ("query", "key", "value")]))
            if layer < layers - 1:
                getattr(module.out_proj, kind).copy_(parameter(f"{name}output.{kind}", shape))
    return module


def main() -> None:
    image = array("regions", (1, regions, dim), 2)
    own = array("tokens", (1, tokens, dim), 2)
    shares = []
    for layer in range(layers):
        attended, weights = attention(layer)(own, image, image, need_weights=True, average_attn_weights=False)
        shares.append(weights[0].tolist())  # [heads, tokens, regions]
        if layer < layers - 1:
            scale, shift = (parameter(f"fusion.layer.{layer}.LayerNorm.{kind}", (dim,)) for kind in ("weight", "bias"))
            own = torch.nn.functional.layer_norm(own + attended, (dim,), scale, shift, 1e-5)
    sizes = {"dim": dim, "heads": heads, "layers": layers, "regions": regions, "tokens": tokens}
    json.dump({**sizes, "shares": shares}, sys.stdout)
    print()


main()
