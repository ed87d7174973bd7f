"""A/A studies: the same setting under ten names, over and over. Whatever a report calls better or worse is a false difference.

    python3 Tests/References/a_a_studies.py [--lockstep PROGRAM] [--studies 100] [--seeds 5] [--runs 500]

Trains one small setting with many seeds, deals its runs out to the places of studies of ten names, each name with runs of its own,
and has `lockstep report` judge each study. Exit code 1 where more studies than chance allows hold a difference.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

NAMES = "abcdefghij"
STUDY = """
name: a-a
run:
  model: {{kind: mlp, widths: [32]}}
  data: {{path: {data}}}
  epochs: 1
  optimizer: {{kind: sgd, momentum: 0.9}}
  learningRate: {{base: 0.05}}
axes: {{globalBatch: [64], scaling: [none], ranks: [1], seed: [{seeds}]}}
timing: {{retakes: 0, disturbedAbove: 0.99}}   # quality is judged: no place is left out for its time
cost: {{pricePerNodeHour: 1, ranksPerNode: 1}}
"""


def study(program, folder, name, seeds, more=""):
    data = pathlib.Path(__file__).resolve().parents[2] / "launch/data/fashion-mnist-subset"
    file, output = folder / f"{name}.yaml", folder / name
    file.write_text(STUDY.format(data=data, seeds=", ".join(map(str, seeds))) + more)
    subprocess.run([program, "study", file, "--output", output, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return output, [json.loads(line) for line in (output / "trials.jsonl").read_text().splitlines()]


def verdicts(program, folder):
    subprocess.run([program, "report", folder], check=True, stdout=subprocess.DEVNULL)
    summary = json.loads((folder / "results.json").read_text())["summary"]
    differences = summary["recommendation"]["differences"]
    return [difference["verdict"] for difference in differences]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--lockstep", default=".build/release/lockstep")
    for name, usual in (("studies", 100), ("seeds", 5), ("runs", 500)):
        options.add_argument(f"--{name}", type=int, default=usual)
    options = options.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        _, runs = study(options.lockstep, folder, "runs", range(1, options.runs + 1))
        variants = "variants: [" + ", ".join(f"{{name: {name}}}" for name in NAMES) + "]\n"
        output, places = study(options.lockstep, folder, "ten-names", range(1, options.seeds + 1), variants)
        found, compared, studies = 0, 0, 0
        for _ in range(options.studies):
            dealt = chance.sample(runs, len(places))
            lines = []
            for there, run in zip(places, dealt):
                own = json.loads(json.dumps(run["run"]))
                own["configuration"]["seed"] = there["trial"]["seed"]
                lines.append(json.dumps({**there, "run": own}))
            (output / "trials.jsonl").write_text("\n".join(lines) + "\n")
            judged = verdicts(options.lockstep, output)
            wrong = sum(verdict != "undecided" for verdict in judged)
            found, compared, studies = found + wrong, compared + len(judged), studies + (wrong > 0)
        accuracies = [run["run"]["epochs"][-1]["validation"]["accuracy"] for run in runs]
        print(f"{len(runs)} runs, accuracy {min(accuracies):.4f} to {max(accuracies):.4f}")
    print(f"{studies} of {options.studies} A/A studies of {options.seeds} seeds hold a difference; {found} of {compared} comparisons")
    # One study in twenty may; beyond three standard deviations more it is no chance.
    allowed = options.studies / 20 + 3 * (options.studies * 0.05 * 0.95) ** 0.5
    sys.exit(studies > allowed)


main()
