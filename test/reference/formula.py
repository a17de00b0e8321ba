"""Numbers that the tests compute again in TypeScript (test/trainer/formula.ts), so that no weights have to be stored.

value(name, i) is a 32-bit hash of the array's name and the place in it, as a uniform number in [-1, 1).
"""

import numpy as np
import torch


def name_hash(name: str) -> int:
    """FNV-1a over UTF-8."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def uniform(name: str, size: int) -> np.ndarray:
    with np.errstate(over="ignore"):
        x = np.arange(size, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(name_hash(name))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2**31 - 1


def array(name: str, shape, scale=1.0, shift=0.0) -> torch.Tensor:
    """float32 values (so that both sides start from the same ones), held as float64."""
    values = (uniform(name, int(np.prod(shape))) * scale + shift).astype(np.float32)
    return torch.from_numpy(values.astype(np.float64)).reshape(tuple(shape))


def parameter(name: str, shape) -> torch.Tensor:
    """Filters with a deviation of 1 / sqrt(inputs), a transformer's matrices half of it, norms around 1, biases small."""
    if name.endswith("running_var"):
        return array(name, shape, 0.3, 1)
    if name.endswith("running_mean"):
        return array(name, shape, 0.1)
    if name.endswith("bn3.weight"):  # small at the end of a block: else float32's own noise grows from block to block
        return array(name, shape, 0.1, 0.2)
    if len(shape) <= 1:
        return array(name, shape, 0.2, 1.0 if name.endswith("weight") else 0.0)
    if "embeddings" in name:
        return array(name, shape, 0.5)
    fan_in = int(np.prod(shape[1:]))
    return array(name, shape, (3 / fan_in) ** 0.5 * (1 if len(shape) == 4 else 0.5))


def fill(module: torch.nn.Module, prefix: str = "") -> None:
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if tensor.dtype.is_floating_point:
                tensor.copy_(parameter(prefix + name, tensor.shape))


def summary(name: str, gradient: torch.Tensor) -> list[float]:
    """A gradient's norm and its products with two arrays of the formula, each of which any wrong element changes."""
    flat = gradient.detach().double().flatten().numpy()
    return [
        float(np.linalg.norm(flat)),
        float(flat @ uniform("probe a " + name, flat.size)),
        float(flat @ uniform("probe b " + name, flat.size)),
    ]
