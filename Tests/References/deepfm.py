"""DeepFM in PyTorch on converted clicks, with the settings of launch/studies/click-ablation.yaml: what Lockstep's should come to.

    pip install torch numpy
    python3 Tests/References/deepfm.py output/data/flights-joined --batch-norm --l2 1e-4 --plateau --best --seeds 1 2 3

Adam of dense gradients on everything; the penalty is half of l2 times the squared norm of whole tables, as BARS'
embedding_regularizer; what chooses is the validation loss, and the test split is looked at once.
"""

import argparse
import copy

import numpy as np
import torch
from torch import nn

import clicks


class DeepFM(nn.Module):
    def __init__(self, rows, fields, dense, width, hidden, dropout, batch_norm):
        super().__init__()
        self.weights = nn.Embedding(rows, 1)
        self.vectors = nn.Embedding(rows, width)
        nn.init.zeros_(self.weights.weight)
        nn.init.normal_(self.vectors.weight, std=0.01)
        self.values = nn.Linear(max(dense, 1), 1) if dense else None
        layers, inputs = [], fields * width + dense
        for units in hidden:
            layers += [nn.Linear(inputs, units)] + ([nn.BatchNorm1d(units)] if batch_norm else [])
            layers += [nn.ReLU(), nn.Dropout(dropout)]
            inputs = units
        self.deep = nn.Sequential(*layers, nn.Linear(inputs, 1))

    def forward(self, dense, ids):
        vectors = self.vectors(ids)
        pairs = (vectors.sum(1).square() - vectors.square().sum(1)).sum(1) / 2
        deep = self.deep(torch.cat([vectors.flatten(1), dense], 1))[:, 0]
        score = self.weights(ids).sum((1, 2)) + pairs + deep
        return score + self.values(dense)[:, 0] if self.values is not None else score


def evaluate(model, labels, dense, ids):
    model.eval()
    with torch.no_grad():
        scores = torch.cat([model(d, i) for d, i in zip(dense.split(8192), ids.split(8192))]).double()
    loss = nn.functional.binary_cross_entropy_with_logits(scores, labels.double()).item()
    _, inverse, counts = np.unique(scores.numpy(), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = labels.numpy() == 1
    count = positive.sum()
    return loss, (ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(ranks) - count))


def train(data, seed, options):
    torch.manual_seed(seed)
    labels, dense, ids = data["train"]
    rows = 1 + max(int(ids.max()) for _, _, ids in data.values())
    model = DeepFM(rows, ids.shape[1], dense.shape[1], options.embedding, options.hidden, options.dropout, options.batch_norm)
    tables = [model.weights.weight, model.vectors.weight]
    others = [p for p in model.parameters() if all(p is not table for table in tables)]
    optimizer = torch.optim.Adam([{"params": others}, {"params": tables, "weight_decay": options.l2}], lr=options.rate)
    steps = options.epochs * -(-len(labels) // options.batch)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps) if options.cosine else None
    best, kept, losses, since = (np.inf, 0, 0), None, [], 0
    for epoch in range(1, options.epochs + 1):
        model.train()
        for batch in torch.randperm(len(labels)).split(options.batch):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(model(dense[batch], ids[batch]), labels[batch]).backward()
            optimizer.step()
            if cosine:
                cosine.step()
        loss, area = evaluate(model, *data["validation"])
        since = 0 if loss < best[0] else since + 1
        if since == 0:
            best, kept = (loss, area, epoch), copy.deepcopy(model.state_dict()) if options.best else None
        elif options.plateau:
            for group in optimizer.param_groups:
                group["lr"] *= 0.1
        if options.best and since == 2:
            break
    if options.best:
        (loss, area, epoch), _ = best, model.load_state_dict(kept)
    return epoch, area, loss, *evaluate(model, *data["test"])[::-1]


parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--embedding", type=int, default=16)
parser.add_argument("--hidden", type=int, nargs="+", default=[300, 300, 300])
parser.add_argument("--dropout", type=float, default=0.2)
parser.add_argument("--batch", type=int, default=1024)
parser.add_argument("--rate", type=float, default=0.001)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--batch-norm", action="store_true")
parser.add_argument("--l2", type=float, default=0.0)
parser.add_argument("--plateau", action="store_true", help="a tenth of the rate after an epoch that is no better")
parser.add_argument("--cosine", action="store_true", help="the rate falls to 0 along a half cosine, step by step")
parser.add_argument("--best", action="store_true", help="keep the best epoch's weights; end after two that are no better")
parser.add_argument("--seeds", type=int, nargs="+", default=[1])
options = parser.parse_args()
data = {
    name: (torch.tensor(labels, dtype=torch.float32), torch.tensor(dense), torch.tensor(ids, dtype=torch.int64))
    for name, (labels, dense, ids) in clicks.splits(options.folder).items()
}
for seed in options.seeds:
    epoch, area, loss, test_area, test_loss = train(data, seed, options)
    print(
        f"seed {seed}: epoch {epoch}, validation AUC {area:.4f}, log loss {loss:.4f}; "
        f"test AUC {test_area:.4f}, log loss {test_loss:.4f}", flush=True)
