import Foundation
import Studies
import Training

/// Curves of runs as TensorBoard reads them, one folder a run, and their settings for its tab of hyperparameters
/// (tensorboard/plugins/hparams).
enum TensorBoardLog {
  private static let plugin = "hparams"

  static func files(of runs: [ExportedRun]) throws -> [ToolExport.File] {
    let isStudy = runs.contains { $0.trial != nil }
    let keys = isStudy ? try Hyperparameters.differences(of: runs) : nil
    let settings = try runs.map { try Hyperparameters($0, keys: keys) }
    var paths = ExportPaths()
    let logs = zip(runs, settings).map { run, settings in
      let name = paths.path(name(of: run))
      return file(log(of: run, settings, name: name), in: name, began: run.began)
    }
    guard isStudy else { return logs }
    let began = runs.compactMap(\.began).min()
    var experiment = EventFile(time: began ?? 0)
    experiment.addPluginData(
      "_hparams_/experiment", plugin: plugin, Self.experiment(settings, metrics(of: runs), began: began ?? 0),
      time: began ?? 0)
    return [file(experiment, in: "", began: began)] + logs
  }

  /// Its place and seed. A run of its own has a folder too: TensorBoard's table of hyperparameters shows no curves of a run that
  /// lies at the top.
  private static func name(of run: ExportedRun) -> [String] {
    let configuration = run.record.configuration
    let place = run.trial == nil ? ["globalBatch=\(configuration.globalBatch),ranks=\(run.record.ranks)"] : run.place
    return place.dropLast() + ["\(place.last ?? ""),seed=\(configuration.seed)"]
  }

  private static func file(_ events: EventFile, in folder: String, began: Double?) -> ToolExport.File {
    // Readers look for this word.
    let name = "events.out.tfevents.\(Int(exactly: (began ?? 0).rounded(.down)) ?? 0).lockstep"
    return ToolExport.File(path: folder.isEmpty ? name : "\(folder)/\(name)", data: Data(events.bytes))
  }

  private static func log(of run: ExportedRun, _ settings: Hyperparameters, name: String) -> EventFile {
    let began = run.began ?? 0
    let ended = run.record.moments?.ended
    var events = EventFile(time: began)
    events.addPluginData(
      "_hparams_/session_start_info", plugin: plugin, start(settings, name: name, began: began), time: began)
    for point in points(of: run.record) {
      events.addScalar(point.tag, point.value, step: point.step, time: point.time ?? began)
    }
    events.addPluginData(
      "_hparams_/session_end_info", plugin: plugin, end(run.record, at: ended), time: ended ?? began)
    return events
  }
}

// Curves.

extension TensorBoardLog {
  struct Point {
    var tag: String
    var value: Double
    /// Updates made.
    var step: Int
    /// nil in records from before it was noted.
    var time: Double?
  }

  /// Of the epochs in order, then of the final weights.
  static func points(of run: RunRecord) -> [Point] {
    func points(_ figures: [(String, Double?)], step: Int, time: Double?) -> [Point] {
      figures.compactMap { tag, value in value.map { Point(tag: tag, value: $0, step: step, time: time) } }
    }
    let epochs = run.epochs.flatMap { epoch in
      points(training(epoch), step: epoch.updates, time: epoch.moments?.trained)
        + points(
          figures(of: epoch.validation, run.dataset.heldOut), step: epoch.updates, time: epoch.moments?.ended)
    }
    let final = figures(of: run.finalTraining, "final_training") + figures(of: run.finalTest, "final_test")
    return epochs + points(final, step: run.updates, time: run.moments?.ended)
  }

  private static func training(_ epoch: EpochRecord) -> [(String, Double?)] {
    figures(of: epoch.training, "training") + [
      ("epoch", Double(epoch.epoch)), ("learning_rate", epoch.learningRate), (speed, epoch.samplesPerSecond),
      ("epoch_seconds", epoch.seconds), ("weight_distance", epoch.weightDistance),
      ("epoch_joules", epoch.energy?.processors), ("global_batch", epoch.globalBatch.map(Double.init)),
      ("ascent_seconds", epoch.ascentSeconds),
      ("trust_ratio/minimum", epoch.trustRatios?.minimum), ("trust_ratio/median", epoch.trustRatios?.median),
      ("trust_ratio/maximum", epoch.trustRatios?.maximum),
    ]
  }

  private static let speed = "samples_per_second"

  private static func figures(of quality: Quality?, _ split: String) -> [(String, Double?)] {
    [
      ("\(split)/loss", quality?.loss), ("\(split)/accuracy", quality?.accuracy),
      ("\(split)/AUC", quality?.areaUnderCurve), ("\(split)/normalized_entropy", quality?.normalizedEntropy),
      ("\(split)/calibration", quality?.calibration),
    ]
  }
}

// Hyperparameters: tensorboard/plugins/hparams/plugin_data.proto and api.proto.

extension TensorBoardLog {
  /// The curves whose last points stand in the table of trials.
  private static func metrics(of runs: [ExportedRun]) -> [String] {
    let tags = Set(runs.flatMap { points(of: $0.record).map(\.tag) })
    let splits = ["validation", "test", "training"]
    let wanted = splits.flatMap { ["\($0)/loss", "\($0)/accuracy", "\($0)/AUC"] } + [speed, "epoch_joules"]
    return wanted.filter(tags.contains)
  }

  private static func data(_ field: UInt64, _ content: ProtobufMessage) -> ProtobufMessage {
    var data = ProtobufMessage()
    data.add(field, content)
    return data
  }

  private static func experiment(
    _ settings: [Hyperparameters], _ metrics: [String], began: Double
  ) -> ProtobufMessage {
    var experiment = ProtobufMessage()
    experiment.add(3, began)
    for name in Set(settings.flatMap(\.values.keys)).sorted() {
      experiment.add(4, information(name, settings.compactMap { $0.values[name] }))
    }
    for metric in metrics {
      var name = ProtobufMessage()
      name.add(2, metric)
      experiment.add(5, data(1, name))
    }
    return data(2, experiment)
  }

  /// Name, type and the values that occur.
  private static func information(_ name: String, _ values: [Hyperparameter]) -> ProtobufMessage {
    var (information, domain) = (ProtobufMessage(), ProtobufMessage())
    var seen: [Hyperparameter] = []
    for value in values where !seen.contains(value) {
      seen.append(value)
      domain.add(1, value.message)
    }
    information.add(1, name)
    information.add(4, values.first?.type ?? 0)
    information.add(5, domain)
    return information
  }

  private static func start(_ settings: Hyperparameters, name: String, began: Double) -> ProtobufMessage {
    var start = ProtobufMessage()
    for (key, value) in settings.values.sorted(by: { $0.key < $1.key }) {
      var entry = ProtobufMessage()
      entry.add(1, key)
      entry.add(2, value.message)
      start.add(1, entry)
    }
    start.add(4, name)
    start.add(5, began)
    return data(3, start)
  }

  private static func end(_ run: RunRecord, at ended: Double?) -> ProtobufMessage {
    // STATUS_UNKNOWN, STATUS_SUCCESS, STATUS_FAILURE.
    let status =
      switch run.finalOutcome {
      case .completed: 1
      case .diverged: 2
      case .interrupted: 0
      }
    var end = ProtobufMessage()
    end.add(1, status)
    if let ended { end.add(2, ended) }
    return data(4, end)
  }
}

extension Hyperparameter {
  /// `DataType`.
  fileprivate var type: Int {
    switch self {
    case .text: 1
    case .flag: 2
    case .number: 3
    }
  }
}
