"""Scikit-learn's logistic regression on converted clicks: what `kind: logistic` should come to on the same columns.

    pip install scikit-learn
    python3 Tests/References/logistic_regression.py output/data/flights-joined 0.03 0.1

The numbers after the folder are C, the inverse strength of the penalty.
"""

import sys

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

import clicks


def inputs(dense, ids, rows):
    one_hot = sparse.csr_matrix(
        (np.ones(ids.size, "f4"), ids.ravel(), np.arange(0, ids.size + 1, ids.shape[1])), (len(ids), rows))
    return sparse.hstack([sparse.csr_matrix(dense), one_hot]).tocsr()


folder, strengths = sys.argv[1], [float(text) for text in sys.argv[2:]] or [1.0]
splits = clicks.splits(folder)
rows = 1 + max(ids.max() for _, _, ids in splits.values())
for strength in strengths:
    labels, dense, ids = splits["train"]
    model = LogisticRegression(C=strength, max_iter=300).fit(inputs(dense, ids, rows), labels)
    for name, (labels, dense, ids) in splits.items():
        scores = model.predict_proba(inputs(dense, ids, rows))[:, 1]
        print(
            f"C {strength:g}, {name}: AUC {roc_auc_score(labels, scores):.4f}, log loss {log_loss(labels, scores):.4f}, "
            f"predicted {scores.mean():.4f} of {labels.mean():.4f}")
