"""Recall@k and median rank by sorting, numpy -> test/fixtures/trainer/recall.json

7 pictures, 17 captions, similarities of the formula rounded so that ties occur. A tie counts against the model: wrong answers are put
before right ones of the same similarity.   python test/reference/recall.py
"""

import json

import numpy as np

from formula import uniform

OUT = "test/fixtures/trainer/recall.json"
PICTURES, CAPTIONS, RERANK = 7, 17, 4
similarity = np.round(uniform("similarity", PICTURES * CAPTIONS).reshape(PICTURES, CAPTIONS) * 8) / 8
fused = np.round(uniform("fused", PICTURES * CAPTIONS).reshape(PICTURES, CAPTIONS) * 8) / 8
owner = np.array([k % PICTURES for k in range(CAPTIONS)])


def rank(scores, right):
    order = np.lexsort((right, -scores))  # most similar first; of equals the wrong ones first
    return int(np.flatnonzero(right[order])[0]) + 1


def reranked(scores, again, right):
    candidates = np.argsort(-scores, kind="stable")[:RERANK]
    if right[candidates].any():
        return rank(again[candidates], right[candidates])
    return max(rank(scores, right), RERANK + 1)


def metrics(ranks):
    ranks = np.array(ranks)
    return {
        "ranks": ranks.tolist(),
        "recall": {str(k): float((ranks <= k).mean()) for k in (1, 5, 10)},
        "median": float(np.median(ranks)),
    }


to_text = [(similarity[i], fused[i], owner == i) for i in range(PICTURES)]
to_image = [(similarity[:, t], fused[:, t], np.arange(PICTURES) == owner[t]) for t in range(CAPTIONS)]
fixture = {
    "image_to_text": metrics([rank(s, r) for s, _, r in to_text]),
    "text_to_image": metrics([rank(s, r) for s, _, r in to_image]),
    "image_to_text reranked": metrics([reranked(*q) for q in to_text]),
    "text_to_image reranked": metrics([reranked(*q) for q in to_image]),
}
with open(OUT, "w") as file:
    json.dump(fixture, file, indent=1)
    file.write("\n")
