import Configuration
import Foundation
import Training

/// A run as the log lines of MLPerf's training benchmarks: `:::MLLOG` and a JSON object a line, keys as `mlperf_logging`
/// (mllog/constants.py) has them. Moments are the record's own, in whole milliseconds.
struct MLPerfLog {
  /// Whether a record knows when what it tells of happened.
  static func canTell(_ run: ExportedRun) -> Bool {
    run.record.moments != nil && run.record.epochs.allSatisfy { $0.moments != nil }
  }

  static let lacksMoments =
    "the record is from before the moments of epochs were noted, and log lines without them would be made up: train again"

  /// The values that a line may have.
  enum Value: Encodable {
    case text(String)
    case whole(Int)
    case seed(UInt64)
    case number(Double)
    case numbers([Double])
    case flag(Bool)
    case none

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .whole(let whole): try container.encode(whole)
      case .seed(let seed): try container.encode(seed)
      case .number(let number): try container.encode(number)
      case .numbers(let numbers): try container.encode(numbers)
      case .flag(let flag): try container.encode(flag)
      case .none: try container.encodeNil()
      }
    }

    /// What JSON has no word for is not told.
    var isFinite: Bool {
      switch self {
      case .number(let number): number.isFinite
      case .numbers(let numbers): numbers.allSatisfy(\.isFinite)
      default: true
      }
    }
  }

  private struct Line: Encodable {
    var namespace = ""
    var timeMilliseconds: Int
    var event: String
    var key: String
    var value: Value
    var metadata: [String: Value]

    enum CodingKeys: String, CodingKey {
      case namespace, key, value, metadata
      case timeMilliseconds = "time_ms"
      case event = "event_type"
    }
  }

  private var lines: [Line] = []

  /// A log for each run: `result_0.txt` and so on, as the rules of submissions name them, seeds of one place in one folder.
  static func files(of runs: [ExportedRun], benchmark: String?) throws -> [ToolExport.File] {
    var paths = ExportPaths()
    let places = Dictionary(grouping: runs, by: \.place).sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return try places.flatMap { place, runs in
      let folder = place.isEmpty ? "" : paths.path(place) + "/"
      let ordered = runs.sorted { $0.record.configuration.seed < $1.record.configuration.seed }
      return try ordered.enumerated().map { number, run in
        let log = MLPerfLog(run, benchmark: benchmark)
        return ToolExport.File(path: "\(folder)result_\(number).txt", data: Data(try log.text().utf8))
      }
    }
  }

  private init(_ run: ExportedRun, benchmark: String?) {
    let record = run.record
    guard let moments = record.moments else { return }
    interval("init_start", moments.prepared)
    addSubmission(record, benchmark: benchmark, at: moments.prepared)
    addSettings(record, at: moments.prepared)
    interval("init_stop", moments.began)
    interval("run_start", moments.began)
    var samples = 0
    for epoch in record.epochs { add(epoch, &samples) }
    interval("run_stop", moments.ended, ["status": .text(Self.isSuccess(run) ? "success" : "aborted")])
  }

  /// A study's target, where it has one, must be reached.
  private static func isSuccess(_ run: ExportedRun) -> Bool {
    guard run.record.finalOutcome == .completed else { return false }
    guard let target = run.target else { return true }
    return run.record.epochs.contains { $0.validation?.known.map(target.isReached) ?? false }
  }

  /// Throws `EncodingError`.
  private func text() throws -> String {
    let encoder = RecordFile.encoder()
    return try lines.map { ":::MLLOG \(String(decoding: try encoder.encode($0), as: UTF8.self))\n" }.joined()
  }
}

// Lines.

extension MLPerfLog {
  private mutating func add(
    _ event: String, _ key: String, _ value: Value, _ seconds: Double, _ metadata: [String: Value], _ line: Int
  ) {
    guard value.isFinite else { return }
    let place: [String: Value] = ["file": .text(#fileID), "lineno": .whole(line)]
    lines.append(
      Line(
        timeMilliseconds: Int(exactly: (seconds * 1000).rounded()) ?? 0, event: event, key: key, value: value,
        metadata: metadata.merging(place) { own, _ in own }))
  }

  /// Its start, or its end where its name says so.
  private mutating func interval(
    _ key: String, _ seconds: Double, _ metadata: [String: Value] = [:], line: Int = #line
  ) {
    add(key.hasSuffix("_stop") ? "INTERVAL_END" : "INTERVAL_START", key, .none, seconds, metadata, line)
  }

  private mutating func point(
    _ key: String, _ value: Value?, at seconds: Double, _ metadata: [String: Value] = [:], line: Int = #line
  ) {
    if let value { add("POINT_IN_TIME", key, value, seconds, metadata, line) }
  }

  private mutating func add(_ epoch: EpochRecord, _ samples: inout Int) {
    guard let moments = epoch.moments else { return }
    let began: [String: Value] = ["epoch_num": .whole(epoch.epoch), "samples_count": .whole(samples)]
    samples = samples.addingReportingOverflow(epoch.ledger.samples).partialValue
    let ended: [String: Value] = ["epoch_num": .whole(epoch.epoch), "samples_count": .whole(samples)]
    interval("epoch_start", moments.began, began)
    point("train_loss", .number(epoch.training.loss), at: moments.trained, ended)
    interval("epoch_stop", moments.trained, ended)
    guard let quality = epoch.validation else { return }
    interval("eval_start", moments.trained, ended)
    // As its benchmarks of click models do: of two classes, the area under the curve.
    point("eval_accuracy", .number(quality.areaUnderCurve ?? quality.accuracy), at: moments.ended, ended)
    point("eval_loss", .number(quality.loss), at: moments.ended, ended)
    interval("eval_stop", moments.ended, ended)
  }
}

// What stands before the run.

extension MLPerfLog {
  private mutating func addSubmission(_ run: RunRecord, benchmark: String?, at time: Double) {
    let machine = run.machine
    let nodes = machine.nodes.count
    point("submission_benchmark", .text(benchmark ?? run.model.name), at: time)
    point("submission_org", .text("none: not a submission"), at: time)
    point("submission_division", .text("open"), at: time)
    point("submission_status", .text("research"), at: time)
    point("submission_platform", .text("\(nodes)x \(machine.processor)"), at: time)
    // Nothing clears the system's cache of files.
    point("cache_clear", .flag(false), at: time)
    point("config_filename", .text(SavedFile.run.rawValue), at: time)
  }

  private mutating func addSettings(_ run: RunRecord, at time: Double) {
    let configuration = run.configuration
    let microbatches = Self.quotient(configuration.globalBatch, configuration.microBatch)
    let settings: [(String, Value?)] = [
      ("seed", .seed(configuration.seed)), ("global_batch_size", .whole(configuration.globalBatch)),
      ("micro_batch_size", .whole(configuration.microBatch)),
      ("gradient_accumulation_steps", .whole(Self.quotient(microbatches, run.ranks))),
      ("train_samples", .whole(run.dataset.trainingSamples)), ("eval_samples", .whole(run.dataset.validationSamples)),
    ]
    for (key, value) in settings + Self.precision(configuration) + Self.rate(configuration)
      + Self.optimizer(configuration) + Self.tables(configuration, of: run.model)
    {
      point(key, value, at: time)
    }
  }

  /// Rounded up; at least 1.
  private static func quotient(_ count: Int, _ size: Int) -> Int {
    size > 0 && count > 0 ? (count - 1) / size + 1 : 1
  }

  /// What attention would be computed in too, though no layer has it.
  private static func precision(_ run: RunConfiguration) -> [(String, Value?)] {
    let exchanged =
      switch run.travellingPrecision {
      case .float32: "fp32"
      case .bfloat16: "bfloat16"
      case .float16: "fp16"
      }
    let parallelisms = ["tensor", "pipeline", "context", "expert"].map { ("\($0)_parallelism", Value?.some(.whole(1))) }
    return parallelisms + [
      ("lowest_numerical_precision_in_linear", .text(run.computePrecision == .bfloat16 ? "bfloat16" : "fp32")),
      ("lowest_numerical_precision_in_attn", .text("fp32")),
      ("lowest_numerical_precision_in_comm", .text(exchanged)),
    ]
  }

  /// The base rate is that after scaling with the batch.
  private static func rate(_ run: RunConfiguration) -> [(String, Value?)] {
    let rate = run.learningRate
    let falls = rate.schedule == .steps || rate.schedule == .plateau
    return [
      ("opt_base_learning_rate", .number(rate.scaledRate(globalBatch: run.globalBatch))),
      ("opt_learning_rate_warmup_epochs", .number(rate.warmUpEpochs)),
      ("opt_learning_rate_decay_schedule", .text(rate.schedule.rawValue)),
      ("opt_learning_rate_decay_boundary_epochs", rate.schedule == .steps ? .numbers(rate.milestones) : nil),
      ("opt_learning_rate_decay_factor", falls ? .number(rate.factor) : nil),
    ]
  }

  private static func optimizer(_ run: RunConfiguration) -> [(String, Value?)] {
    let optimizer = run.optimizer
    let own: [(String, Value?)] =
      switch optimizer.kind {
      case .sgd: [("sgd_opt_momentum", .number(optimizer.momentum))]
      case .lars:
        [
          ("lars_opt_base_learning_rate", .number(run.learningRate.scaledRate(globalBatch: run.globalBatch))),
          ("lars_opt_momentum", .number(optimizer.momentum)),
          ("lars_opt_weight_decay", .number(optimizer.weightDecay)),
          ("lars_opt_learning_rate_warmup_epochs", .number(run.learningRate.warmUpEpochs)),
        ]
      case .adam, .adamw, .lamb:
        [("beta_1", optimizer.beta1), ("beta_2", optimizer.beta2), ("epsilon", optimizer.epsilon)].map {
          ("opt_\(optimizer.kind.rawValue)_\($0)", .number($1))
        }
      }
    return [
      ("opt_name", .text(optimizer.kind.rawValue)), ("opt_weight_decay", .number(optimizer.weightDecay)),
      ("opt_gradient_clip_norm", optimizer.clipNorm.map(Value.number)),
    ] + own
  }

  /// Of embedding tables, which have an optimiser of their own.
  private static func tables(_ run: RunConfiguration, of model: ModelFacts) -> [(String, Value?)] {
    guard model.tableRows != nil else { return [] }
    return [
      ("opt_sparse_name", .text(run.tables.optimizer.rawValue)),
      ("opt_sparse_base_learning_rate", .number(run.tableRate.scaledRate(globalBatch: run.globalBatch))),
    ]
  }
}
