"""Parquet as Hugging Face datasets writes it: makes test/fixtures/data/*.parquet.

    python parquet.py        (pyarrow 25)
"""

import os

import pyarrow as pa
import pyarrow.parquet as pq

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "../fixtures/data")
tiles = os.path.join(HERE, "../cases/pairs/tiles")
names = sorted(os.listdir(tiles))
data = [open(os.path.join(tiles, name), "rb").read() for name in names]

struct = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
images = pa.array([{"bytes": b, "path": n} for b, n in zip(data, names)], struct)
captions = pa.array([[f"tile {i}", f"Kachel {i} 块"] for i in range(11)] + [[" "]], pa.list_(pa.string()))
groups = pa.array([f"group {i // 4}" for i in range(12)])
for codec in ("snappy", "zstd"):
    table = pa.table({"image": images, "caption": captions, "group": groups})
    pq.write_table(table, os.path.join(OUT, f"struct-{codec}.parquet"), row_group_size=5, compression=codec)
table = pa.table({"image": pa.array(data, pa.binary()), "caption": pa.array([f"tile {i}" for i in range(11)] + [None])})
pq.write_table(table, os.path.join(OUT, "binary-gzip.parquet"), compression="gzip")
table = pa.table({"image": pa.array(["tiles/" + n for n in names]), "caption": pa.array([f"tile {i}" for i in range(12)])})
pq.write_table(table, os.path.join(OUT, "paths.parquet"))
paths = pa.array([{"bytes": None, "path": f"p/{i}.png"} for i in range(6)], struct)
table = pa.table({"image": paths, "caption": pa.array([f"caption {i}" for i in range(6)])})
pq.write_table(table, os.path.join(OUT, "struct-paths.parquet"))
