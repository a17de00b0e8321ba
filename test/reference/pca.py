"""Two principal axes by numpy, for test/inference/map.test.ts.   python pca.py > ../fixtures/trainer/pca.json"""

import json
import sys

import numpy as np
from formula import uniform

rows, dim = 12, 5
x = (uniform("points", rows * dim) * 1.0).astype(np.float32).astype(np.float64).reshape(rows, dim)
x *= np.array([3, 2, 1, 0.5, 0.25])
x = x.astype(np.float32).astype(np.float64)
centred = x - x.mean(0)
_, sizes, axes = np.linalg.svd(centred, full_matrices=False)
explained = sizes**2 / (sizes**2).sum()
json.dump({"rows": rows, "dim": dim, "explained": explained[:2].tolist(), "places": (centred @ axes[:2].T).tolist()}, sys.stdout)
print()
