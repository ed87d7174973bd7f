"""Scikit-learn's logistic regression on converted clicks: what `kind: logistic` should come to on the same columns.

    pip install scikit-learn
    python3 Tests/References/logistic_regression.py output/data/flights-joined 0.03 0.1

The numbers after the folder are C, the inverse strength of the penalty. Shards are read as docs/native-format.md has them.
"""

import glob
import json
import struct
import sys

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score


def page(size):
    return -(-size // 4096) * 4096


def shard(file):
    data = open(file, "rb").read()
    size = struct.unpack_from("<I", data, 12)[0]
    head = json.loads(data[64 : 64 + size])
    start = page(64 + size) + page(head["schema"]["bytes"])
    width = 1 + head["dense"] + head["fields"]
    records = np.frombuffer(data, "<i4", head["rows"] * width, start).reshape(-1, width)
    return records[:, 0], records[:, 1 : 1 + head["dense"]].copy().view("<f4"), records[:, 1 + head["dense"] :]


def split(folder, name):
    shards = [shard(file) for file in sorted(glob.glob(f"{folder}/{name}-*.lockstep"))]
    return [np.concatenate(parts) for parts in zip(*shards)] if shards else None


def inputs(dense, ids, rows):
    one_hot = sparse.csr_matrix(
        (np.ones(ids.size, "f4"), ids.ravel(), np.arange(0, ids.size + 1, ids.shape[1])), (len(ids), rows))
    return sparse.hstack([sparse.csr_matrix(dense), one_hot]).tocsr()


folder, strengths = sys.argv[1], [float(text) for text in sys.argv[2:]] or [1.0]
splits = {name: data for name in ("train", "validation", "test") if (data := split(folder, name))}
rows = 1 + max(ids.max() for _, _, ids in splits.values())
for strength in strengths:
    labels, dense, ids = splits["train"]
    model = LogisticRegression(C=strength, max_iter=300).fit(inputs(dense, ids, rows), labels)
    for name, (labels, dense, ids) in splits.items():
        scores = model.predict_proba(inputs(dense, ids, rows))[:, 1]
        print(
            f"C {strength:g}, {name}: AUC {roc_auc_score(labels, scores):.4f}, log loss {log_loss(labels, scores):.4f}, "
            f"predicted {scores.mean():.4f} of {labels.mean():.4f}")
