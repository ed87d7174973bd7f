#!/usr/bin/env python3
"""Ten training steps of three small models by PyTorch, for GoldenTraceTests. README.md says what the files hold.

Usage: python3 make_golden.py [FOLDER]   (default: this script's folder)
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

STEPS, BATCH, CLASSES = 10, 12, 5


class Flatten(nn.Module):
    """Flattens in height, width, channel order: PyTorch's images are channels first, ours are channels last."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def mlp(batch_norm):
    layers, width = [], 20
    for hidden in (16, 12):
        layers.append(nn.Linear(width, hidden))
        if batch_norm:
            layers.append(nn.BatchNorm1d(hidden))
        layers.append(nn.ReLU())
        width = hidden
    return nn.Sequential(*layers, nn.Linear(width, CLASSES))


def cnn():
    layers, channels = [], 1
    for filters in (3, 4):
        layers += [nn.Conv2d(channels, filters, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2)]
        channels = filters
    return nn.Sequential(*layers, Flatten(), nn.Linear(2 * 2 * channels, 10), nn.ReLU(), nn.Linear(10, CLASSES))


# Keys are those of a run file, so that the test reads them as one.
CASES = {
    "mlp-sgd": dict(
        build=lambda: mlp(batch_norm=True),
        input=[20],
        model=dict(kind="mlp", widths=[16, 12], batchNorm=True),
        optimizer=dict(kind="sgd", momentum=0.9, nesterov=True, weightDecay=0.01),
        learningRate=0.05,
    ),
    "mlp-adam": dict(
        build=lambda: mlp(batch_norm=False),
        input=[20],
        model=dict(kind="mlp", widths=[16, 12], batchNorm=False),
        optimizer=dict(kind="adam", weightDecay=0.01, clipNorm=0.3),
        learningRate=0.01,
    ),
    "cnn-adamw": dict(
        build=cnn,
        input=[8, 8, 1],
        model=dict(kind="cnn", filters=[3, 4], hidden=10, batchNorm=False),
        optimizer=dict(kind="adamw", weightDecay=0.1),
        learningRate=0.01,
    ),
}


def make_optimizer(parameters, case):
    settings, rate = case["optimizer"], case["learningRate"]
    decay = settings["weightDecay"]
    if settings["kind"] == "sgd":
        momentum, nesterov = settings["momentum"], settings["nesterov"]
        return torch.optim.SGD(parameters, lr=rate, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    return kinds[settings["kind"]](parameters, lr=rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=decay)


KINDS = {nn.Linear: "dense", nn.Conv2d: "convolution", nn.BatchNorm1d: "batchNorm"}
NAMES = {"weight": "weight", "bias": "bias", "running_mean": "runningMean", "running_var": "runningVariance"}


def named_arrays(model):
    """Each parameter and statistic under Lockstep's name, with its layer."""
    numbers = {}
    for layer in model:
        kind = KINDS.get(type(layer))
        if kind is None:
            continue
        numbers[kind] = numbers.get(kind, 0) + 1
        for theirs, ours in NAMES.items():
            value = getattr(layer, theirs, None)
            if value is not None:
                yield f"{kind}{numbers[kind]}.{ours}", layer, value


def in_our_layout(layer, value):
    """Dense weights become [in, out], filters [height, width, in, out]."""
    if isinstance(layer, nn.Linear) and value.dim() == 2:
        value = value.t()
    if isinstance(layer, nn.Conv2d) and value.dim() == 4:
        value = value.permute(2, 3, 1, 0)
    return value.detach().numpy().astype("<f4")


class Recorder:
    """Arrays one after another in a binary file, and where each lies."""

    def __init__(self):
        self.arrays, self.chunks, self.count = {}, [], 0

    def add(self, name, array):
        array = np.ascontiguousarray(array, dtype="<f4")
        self.arrays[name] = dict(shape=list(array.shape), offset=self.count)
        self.chunks.append(array.tobytes())
        self.count += array.size


def make_data(case, seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, size=(STEPS, BATCH))
    centres = random.normal(size=(CLASSES, *case["input"]))
    inputs = (centres[labels] + random.normal(size=(STEPS, BATCH, *case["input"]))).astype("<f4")
    return inputs, labels


def train(name, case, seed, folder):
    torch.manual_seed(seed)
    inputs, labels = make_data(case, seed)
    # Starting values are floats; everything after that is in doubles, so that a difference is our rounding alone.
    model = case["build"]().double()
    recorder = Recorder()
    recorder.add("inputs", inputs)
    for array, layer, value in named_arrays(model):
        value.data = value.data.float().double()
        recorder.add(f"initial/{array}", in_our_layout(layer, value))
    optimizer = make_optimizer(model.parameters(), case)
    losses, norms = [], []
    for step in range(STEPS):
        x = torch.from_numpy(inputs[step]).double()
        if x.dim() == 4:
            x = x.permute(0, 3, 1, 2)
        loss = nn.functional.cross_entropy(model(x), torch.from_numpy(labels[step]))
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            for array, layer, value in named_arrays(model):
                if value.grad is not None:
                    recorder.add(f"gradient/{array}", in_our_layout(layer, value.grad))
        limit = case["optimizer"].get("clipNorm", float("inf"))
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), limit).item())
        optimizer.step()
        losses.append(loss.item())
    for array, layer, value in named_arrays(model):
        recorder.add(f"final/{array}", in_our_layout(layer, value))
    (folder / f"{name}.bin").write_bytes(b"".join(recorder.chunks))
    trace = {
        "torch": torch.__version__.split("+")[0],
        **{key: case[key] for key in ("input", "model", "optimizer", "learningRate")},
        "classes": CLASSES,
        "labels": labels.tolist(),
        "losses": losses,
        "gradientNorms": norms,
        "arrays": recorder.arrays,
    }
    text = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in trace.items())
    (folder / f"{name}.json").write_text("{\n" + text + "\n}\n")


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    torch.set_num_threads(1)
    for seed, (name, case) in enumerate(CASES.items(), start=1):
        train(name, case, seed, folder)


if __name__ == "__main__":
    main()
