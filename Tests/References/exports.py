"""What other tools read in results that `lockstep report --as` gave them, held against the stored records.

    python3 Tests/References/exports.py tensorboard RESULTS LOGS
    python3 Tests/References/exports.py mlperf RESULTS LOGS [RULES...]
    python3 Tests/References/exports.py extra-p RESULTS FOLDER

RESULTS is the --output folder of a run or a study, RULES are rule sets of the compliance checker, such as 6.0.0. Exit code 77 where
the tool's Python package is not there (launch/install-dependencies --tools). Each tool reads with its own code; what must
come of it is worked out here from run.json or trials.jsonl.
"""

import collections
import glob
import json
import os
import sys
import tempfile


def records(folder):
    """The stored runs with their trials, without those that time work again or time calls."""
    run = os.path.join(folder, "run.json")
    if os.path.exists(run):
        with open(run) as file:
            return [({"seed": None}, json.load(file))]
    with open(os.path.join(folder, "trials.jsonl")) as file:
        lines = [json.loads(line) for line in file]
    return [(line["trial"], line["run"]) for line in lines if "round" not in line and "calls" not in line]


def rounds(folder):
    path = os.path.join(folder, "trials.jsonl")
    if not os.path.exists(path):
        return []
    with open(path) as file:
        lines = [json.loads(line) for line in file]
    return [(line["trial"], line["run"]) for line in lines if "round" in line]


def held_out(run):
    return run["dataset"].get("evaluatedOn", "test")


def require(condition, words):
    if not condition:
        sys.exit(f"not as stored: {words}")


def same(found, expected, words):
    require(found == expected, f"{words}: {found!r}, stored {expected!r}")


# TensorBoard.


def curves(run):
    """Tag to list of step, moment, value, from the record."""
    points = collections.defaultdict(list)

    def add(split, quality, step, moment):
        names = [("loss", "loss"), ("accuracy", "accuracy"), ("AUC", "areaUnderCurve"),
                 ("normalized_entropy", "normalizedEntropy"), ("calibration", "calibration")]
        for name, key in names:
            if quality and key in quality:
                points[f"{split}/{name}"].append((step, moment, quality[key]))

    for epoch in run["epochs"]:
        step, moments = epoch["updates"], epoch["moments"]
        add("training", epoch["training"], step, moments["trained"])
        add(held_out(run), epoch.get("validation"), step, moments["ended"])
        for tag, key in [("epoch", "epoch"), ("learning_rate", "learningRate"), ("samples_per_second", "samplesPerSecond"),
                         ("epoch_seconds", "seconds"), ("weight_distance", "weightDistance")]:
            points[tag].append((step, moments["trained"], epoch[key]))
        if "energy" in epoch:
            points["epoch_joules"].append((step, moments["trained"], epoch["energy"]["processors"]))
    add("final_training", run.get("finalTraining"), run["updates"], run["moments"]["ended"])
    add("final_test", run.get("finalTest"), run["updates"], run["moments"]["ended"])
    return points


def tensorboard(results, logs):
    import numpy
    from tensorboard.backend.event_processing import event_accumulator

    runs = records(results)
    folders = {os.path.dirname(path) for path in glob.glob(f"{logs}/**/events.out.tfevents.*", recursive=True)}
    count = 0
    by_curves = {}
    for folder in folders:
        events = event_accumulator.EventAccumulator(folder, {event_accumulator.SCALARS: 0})
        events.Reload()
        tags = events.Tags()["scalars"]
        if not tags:
            same(folder, logs, "a folder without curves")
            continue
        by_curves[folder] = {tag: [(e.step, e.wall_time, e.value) for e in events.Scalars(tag)] for tag in tags}
    same(len(by_curves), len(runs), "runs with curves")
    for trial, run in runs:
        expected = {
            tag: [(step, moment, float(numpy.float32(value))) for step, moment, value in points]
            for tag, points in curves(run).items()}
        found = [folder for folder, tags in by_curves.items() if tags == expected]
        require(len(found) == 1, f"the curves of {trial} are those of {len(found)} folders")
        if trial["seed"] is not None:
            require(f"seed={trial['seed']}" in found[0] and f"globalBatch={trial['globalBatch']}," in found[0], found[0])
        count += sum(len(points) for points in expected.values())
        del by_curves[found[0]]
    print(f"tensorboard: {len(runs)} runs, {count} points, equal in tag, step, moment and value as floats")
    hyperparameters(runs, logs)


def hyperparameters(runs, logs):
    """The tab of hyperparameters, through the code that answers for it."""
    from tensorboard import context as tensorboard_context
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups

    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(logs)
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, logs)
    plugin = backend_context.Context(base_plugin.TBContext(data_provider=provider, multiplexer=multiplexer))
    context = tensorboard_context.RequestContext()
    experiment = get_experiment.Handler(
        context, plugin, "", api_pb2.GetExperimentRequest(include_metrics=True)).run()
    names = [info.name for info in experiment.hparam_infos]
    metrics = [info.name.tag for info in experiment.metric_infos]
    tags = {tag for _, run in runs for tag in curves(run)}
    require({"globalBatch", "ranks", "seed", "learningRate"} <= set(names), f"hyperparameters {names}")
    require(set(metrics) <= tags and f"{held_out(runs[0][1])}/loss" in metrics, f"metrics {metrics}")
    request = api_pb2.ListSessionGroupsRequest(
        start_index=0, slice_size=1000, allowed_statuses=[0, 1, 2, 3],
        col_params=[api_pb2.ColParams(hparam=name) for name in names]
        + [api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos])
    groups = list_session_groups.Handler(context, plugin, "", request).run().session_groups
    same(len(groups), len(runs), "rows of the table")
    rows = {}
    for group in groups:
        values = {key: value.number_value for key, value in group.hparams.items() if value.HasField("number_value")}
        rows[tuple(values[key] for key in ["globalBatch", "ranks", "seed"]) + (
            group.hparams["learningRate.scaling"].string_value,)] = (group, values)
    for trial, run in runs:
        configuration = run["configuration"]
        rate = configuration["learningRate"]
        group, values = rows[
            (configuration["globalBatch"], run["ranks"], configuration["seed"], rate["scaling"])]
        ratio = configuration["globalBatch"] / rate["baseBatch"]
        scaled = rate["base"] * {"none": 1, "linear": ratio, "sqrt": ratio**0.5}[rate["scaling"]]
        require(abs(values["learningRate"] - scaled) <= 1e-12 * scaled, f"the rate of {trial}: {values['learningRate']}")
        session = group.sessions[0]
        same(session.status, {"completed": 1, "diverged": 2, "interrupted": 0}[next(iter(run["outcome"]))], "status")
        same(session.start_time_secs, run["moments"]["began"], "start")
        same(session.end_time_secs, run["moments"]["ended"], "end")
        last = curves(run)
        for metric in group.metric_values:
            step, _, value = last[metric.name.tag][-1]
            require(metric.training_step == step and abs(metric.value - value) <= 1e-6 * max(1, abs(value)),
                    f"{metric.name.tag} of {trial}: {metric.value}, stored {value}")
        same(len(group.metric_values), len([tag for tag in metrics if tag in last]), "metrics of a row")
    print(f"tensorboard: a table of {len(runs)} rows, {len(names)} hyperparameters and {len(metrics)} metrics, as stored")


# MLPerf.


def mlperf(results, logs, rules):
    from mlperf_logging.compliance_checker import mlp_compliance, mlp_parser

    runs = records(results)
    files = sorted(glob.glob(f"{logs}/**/result_*.txt", recursive=True))
    same(len(files), len(runs), "logs")
    intervals = {}
    for path in files:
        lines, errors = mlp_parser.parse_file(path, ruleset="6.0.0")
        require(not errors and lines, f"{path}: {errors}")
        times = [line.timestamp for line in lines]
        require(times == sorted(times), f"{path}: moments fall")
        keys = collections.Counter(line.key for line in lines)
        for key in keys:
            if key.endswith("_start"):
                same(keys[key[: -len("start")] + "stop"], keys[key], f"{path}: ends of {key}")
        moments = {line.key: line.timestamp for line in lines}
        intervals[moments["run_start"], moments["run_stop"]] = lines
    for trial, run in runs:
        place = tuple(float(round(run["moments"][key] * 1000)) for key in ["began", "ended"])
        require(place in intervals, f"no log of {trial} runs from {place[0]} to {place[1]} ms")
        lines = intervals[place]
        found = [(line.value["metadata"]["epoch_num"], line.timestamp, line.value["value"])
                 for line in lines if line.key == "eval_accuracy"]
        expected = [
            (epoch["epoch"], float(round(epoch["moments"]["ended"] * 1000)),
             epoch["validation"].get("areaUnderCurve", epoch["validation"]["accuracy"]))
            for epoch in run["epochs"] if "validation" in epoch]
        same(found, expected, f"eval_accuracy of {trial}")
    print(f"mlperf: {len(files)} logs, run_start, run_stop and eval_accuracy as stored, moments in order")
    for ruleset in rules:
        for path in files:
            require(checked(mlp_compliance, path, ruleset), f"{path} does not keep the rules {ruleset}")
    for ruleset in rules:
        print(f"mlperf: {len(files)} logs keep the rules of training {ruleset}, open division")
    newest = sorted(mlp_compliance.rule_choices(), key=lambda text: [int(part) for part in text.split(".")])[-1]
    for path in files:
        require(checked(mlp_compliance, path, newest, common=True), f"{path} does not keep the common rules of {newest}")
    print(f"mlperf: {len(files)} logs keep what training {newest} asks of all benchmarks")


def checked(mlp_compliance, path, ruleset, common=False):
    """The checker's verdict; `common`: without the rules of a benchmark, whose names do not hold every model's."""
    config = f"training_{ruleset}/common.yaml"
    checker = mlp_compliance.make_checker("training", ruleset, quiet=False, werror=True)
    if not common:
        return mlp_compliance.main(path, config, checker)[0]
    with open(os.path.join(os.path.dirname(mlp_compliance.__file__), config)) as file:
        text = file.read()
    asks = f"enqueue_config('training_{ruleset}/{{}}_common.yaml'.format(v['value']));"
    require(asks in text, "the checker's own rules have changed: they do not ask for those of a division as they did")
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as own:
        own.write(text.replace(asks, ""))
        own.flush()
        return mlp_compliance.main(path, own.name, checker)[0]


# Extra-P.


def extra_p(results, folder):
    from extrap.entities.callpath import Callpath
    from extrap.entities.coordinate import Coordinate
    from extrap.entities.metric import Metric
    from extrap.fileio.file_reader.json_file_reader import JsonFileReader
    from extrap.modelers.model_generator import ModelGenerator

    runs = [run for _, run in records(results) + rounds(results) if "completed" in run["outcome"]]
    files = glob.glob(f"{folder}/*.json")
    same(len(files), 1, "files")
    reader = JsonFileReader()
    reader.keep_values = True
    experiment = reader.read_experiment(files[0])
    names = [parameter.name for parameter in experiment.parameters]
    values = collections.defaultdict(lambda: collections.defaultdict(list))
    for run in runs:
        place = {"ranks": run["ranks"], "globalBatch": run["configuration"]["globalBatch"]}
        for epoch in run["epochs"]:
            point = Coordinate(place[name] for name in names)
            values["epoch"][point].append(epoch["seconds"])
            for phase, spread in epoch["ledger"]["phases"].items():
                values[f"epoch->{phase}"][point].append(spread["median"])
    phases = ["load", "forward", "backward", "exchangeWait", "exchangeWire", "update", "other"]
    for path in ["epoch"] + [f"epoch->{phase}" for phase in phases]:
        measured = {m.coordinate: m for m in experiment.measurements[Callpath(path), Metric("time")]}
        same(set(measured), set(values[path]), f"points of {path}")
        for point, measurement in measured.items():
            # Epochs that others disturbed are left out.
            kept = collections.Counter(map(float, measurement.values))
            require(not kept - collections.Counter(values[path][point]), f"{path} at {point}: times that no epoch took")
    require((Callpath("step"), Metric("time")) in experiment.measurements, "no steps")
    words = f"extra-p: {', '.join(names)} at {len(experiment.coordinates)} points, times of epochs as stored"
    if len(experiment.coordinates) >= 5:
        generator = ModelGenerator(experiment, name="check")
        generator.model_all()
        model = generator.models[Callpath("step"), Metric("time")]
        words += f"; a step: {model.hypothesis.function.to_string(*experiment.parameters)}"
    print(words)


def main():
    tool, *arguments = sys.argv[1:]
    try:
        if tool == "mlperf":
            mlperf(arguments[0], arguments[1], arguments[2:])
        else:
            {"tensorboard": tensorboard, "extra-p": extra_p}[tool](*arguments)
    except ModuleNotFoundError as error:
        print(f"there is no Python package {error.name} here: launch/install-dependencies --tools")
        sys.exit(77)


main()
