"""Makes test/fixtures/store/python.safetensors with Python's safetensors, and checks a file that ours wrote.

    python test/reference/safetensors_files.py                # writes the fixture
    python test/reference/safetensors_files.py FILE           # reads FILE, prints {name: [dtype, shape, values]} as JSON
"""
import json
import os
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    if len(sys.argv) > 1:
        with safe_open(sys.argv[1], 'pt') as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            print(json.dumps({'metadata': file.metadata(), **{n: [str(t.dtype), list(t.shape), t.to(torch.float64).flatten().tolist()] for n, t in tensors.items()}}))
        return
    steps = torch.arange(6).reshape(2, 3)
    tensors = {
        'bytes': steps.to(torch.uint8),
        'weight': steps.to(torch.float32) / 3,
        'half': steps.to(torch.float16) / 3,
        'bfloat': steps.to(torch.bfloat16) / 3,
        'double': steps.to(torch.float64) / 3,
        'num_batches_tracked': torch.tensor(2**40 + 1),
        'flags': steps % 2 == 0,
        'int': (steps - 3).to(torch.int32),
        'empty': torch.zeros(0, 4),
        'odd': torch.tensor([1, -2, 3], dtype=torch.int8),
    }
    save_file(tensors, os.path.join(HERE, '..', 'fixtures', 'store', 'python.safetensors'), metadata={'format': 'pt'})


main()
