#!/usr/bin/env python3
"""Ten training steps of small click models by PyTorch, for GoldenTraceTests. README.md says what the files hold.

Usage: python3 make_click_golden.py [FOLDER]   (default: this script's folder)
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from make_golden import Recorder

STEPS, BATCH = 10, 12
CARDINALITIES, VALUES, WIDTH = [7, 3, 11, 5], 3, 4
FIELDS, ROWS = len(CARDINALITIES), sum(CARDINALITIES)


def perceptron(*widths):
    """Linear layers with ReLU after each."""
    pairs = zip(widths, widths[1:])
    return nn.Sequential(*[layer for a, b in pairs for layer in (nn.Linear(a, b), nn.ReLU())])


class DeepFM(nn.Module):
    """Guo et al. 2017, with the dense values in the first-order and in the deep part."""

    def __init__(self):
        super().__init__()
        self.first, self.values = nn.Embedding(ROWS, 1), nn.Linear(VALUES, 1)
        self.embedding = nn.Embedding(ROWS, WIDTH)
        self.deep, self.out = perceptron(FIELDS * WIDTH + VALUES, 9, 6), nn.Linear(6, 1)

    def forward(self, ids, x):
        e = self.embedding(ids)
        pairs = sum((e[:, i] * e[:, j]).sum(1) for i in range(FIELDS) for j in range(i))
        deep = self.out(self.deep(torch.cat([e.flatten(1), x], 1)))[:, 0]
        return self.first(ids).sum((1, 2)) + self.values(x)[:, 0] + pairs + deep

    def named(self):
        yield "branches1.ids.fieldLinear1", self.first
        yield "branches1.values.dense1", self.values
        yield "branches1.embedded.embedding1", self.embedding
        deep = "branches1.embedded.branches1.deep.dense"
        yield f"{deep}1", self.deep[0]
        yield f"{deep}2", self.deep[2]
        yield f"{deep}3", self.out


class DCNv2(nn.Module):
    """Wang et al. 2021, cross and deep network side by side."""

    def __init__(self):
        super().__init__()
        width = FIELDS * WIDTH + VALUES
        self.embedding = nn.Embedding(ROWS, WIDTH)
        self.cross = nn.ModuleList(nn.Linear(width, width) for _ in range(2))
        self.deep, self.out = perceptron(width, 9, 6), nn.Linear(width + 6, 1)

    def forward(self, ids, x):
        x0 = torch.cat([self.embedding(ids).flatten(1), x], 1)
        state = x0
        for layer in self.cross:
            state = x0 * layer(state) + state
        return self.out(torch.cat([state, self.deep(x0)], 1))[:, 0]

    def named(self):
        yield "embedding1", self.embedding
        for number, layer in enumerate(self.cross, start=1):
            yield f"branches1.cross.cross1.#{number}", layer
        yield "branches1.deep.dense1", self.deep[0]
        yield "branches1.deep.dense2", self.deep[2]
        yield "dense1", self.out


class DLRM(nn.Module):
    """Naumov et al. 2019. Our interaction has the bottom part's vector last; the dots are those of the same pairs."""

    def __init__(self):
        super().__init__()
        self.bottom = perceptron(VALUES, 5, WIDTH)
        self.embedding = nn.Embedding(ROWS, WIDTH)
        pairs = (FIELDS + 1) * FIELDS // 2
        self.top, self.out = perceptron(WIDTH + pairs, 8), nn.Linear(8, 1)

    def forward(self, ids, x):
        z = self.bottom(x)
        vectors = torch.cat([self.embedding(ids), z[:, None]], 1)
        gram = torch.bmm(vectors, vectors.transpose(1, 2))
        rows, columns = torch.tril_indices(FIELDS + 1, FIELDS + 1, offset=-1)
        return self.out(self.top(torch.cat([z, gram[:, rows, columns]], 1)))[:, 0]

    def named(self):
        yield "dense1", self.bottom[0]
        yield "dense2", self.bottom[2]
        yield "embedding1", self.embedding
        yield "dense3", self.top[0]
        yield "dense4", self.out


# Keys are those of a run file, so that the test reads them as one.
CASES = {
    "deepfm-sgd": dict(build=DeepFM, model=dict(kind="deepfm", embedding=WIDTH, widths=[9, 6])),
    "dcnv2-sgd": dict(build=DCNv2, model=dict(kind="dcnv2", embedding=WIDTH, widths=[9, 6], crossLayers=2)),
    "dlrm-sgd": dict(build=DLRM, model=dict(kind="dlrm", embedding=WIDTH, widths=[8], bottomWidths=[5])),
}
RATE = 0.2


def arrays(model):
    """Each parameter under Lockstep's name, with the view that has Lockstep's layout."""
    for name, layer in model.named():
        prefix, _, number = name.partition("#")
        prefix += "" if number else "."
        turned = isinstance(layer, nn.Linear)
        yield f"{prefix}weight{number}", layer.weight, (lambda w: w.t()) if turned else (lambda w: w)
        if turned:
            yield f"{prefix}bias{number}", layer.bias, lambda b: b


def make_data(seed):
    random = np.random.default_rng(seed)
    offsets = np.cumsum([0] + CARDINALITIES[:-1])
    # Small ids are frequent, as in click logs: rows repeat within a batch, and some rows are never seen.
    skewed = random.random((STEPS, BATCH, FIELDS)) ** 2
    ids = (skewed * np.array(CARDINALITIES)).astype(int) + offsets
    values = random.normal(size=(STEPS, BATCH, VALUES)).astype("<f4")
    return ids, values, random.integers(0, 2, size=(STEPS, BATCH))


def train(name, case, seed, folder):
    torch.manual_seed(seed)
    ids, values, labels = make_data(seed)
    # Starting values are floats; everything after that is in doubles, so that a difference is our rounding alone.
    model = case["build"]().double()
    recorder = Recorder()
    recorder.add("inputs", values)
    for array, value, turned in arrays(model):
        # Embeddings of normal size, so that products of them matter.
        value.data = (value.data * (0.5 if "embedding" in array else 1)).float().double()
        recorder.add(f"initial/{array}", turned(value.detach()).numpy())
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    losses = []
    for step in range(STEPS):
        scores = model(torch.from_numpy(ids[step]), torch.from_numpy(values[step]).double())
        loss = F.binary_cross_entropy_with_logits(scores, torch.from_numpy(labels[step]).double())
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            for array, value, turned in arrays(model):
                recorder.add(f"gradient/{array}", turned(value.grad).numpy())
        optimizer.step()
        losses.append(loss.item())
    for array, value, turned in arrays(model):
        recorder.add(f"final/{array}", turned(value.detach()).numpy())
    (folder / f"{name}.bin").write_bytes(b"".join(recorder.chunks))
    trace = {
        "torch": torch.__version__.split("+")[0],
        "input": [VALUES],
        "model": case["model"],
        "optimizer": dict(kind="sgd", weightDecay=0),
        "learningRate": RATE,
        "classes": 2,
        "cardinalities": CARDINALITIES,
        "ids": ids.reshape(STEPS, -1).tolist(),
        "labels": labels.tolist(),
        "losses": losses,
        "gradientNorms": [],
        "arrays": recorder.arrays,
    }
    text = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in trace.items())
    (folder / f"{name}.json").write_text("{\n" + text + "\n}\n")


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    torch.set_num_threads(1)
    for seed, (name, case) in enumerate(CASES.items(), start=11):
        train(name, case, seed, folder)


if __name__ == "__main__":
    main()
