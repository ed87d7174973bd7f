import Configuration
import Foundation
import Studies
import Training

/// A setting as TensorBoard's tab of hyperparameters has it.
enum Hyperparameter: Equatable {
  case number(Double)
  case text(String)
  case flag(Bool)
}

/// The settings of a run, by name, and those that tell the runs of a study apart.
struct Hyperparameters {
  private(set) var values: [String: Hyperparameter] = [:]

  /// - Parameter keys: of the run file, as dotted paths: those that are told besides the trial's place; nil for all.
  /// - Throws: what the run's settings throw when they are written, which they have been before.
  init(_ run: ExportedRun, keys: Set<String>? = nil) throws {
    for (key, value) in try Self.settings(of: run.record) where keys?.contains(key) ?? true { values[key] = value }
    let configuration = run.record.configuration
    values["ranks"] = .number(Double(run.record.ranks))
    values["globalBatch"] = .number(Double(configuration.globalBatch))
    values["seed"] = .number(Double(configuration.seed))
    values["learningRate"] = .number(configuration.learningRate.scaledRate(globalBatch: configuration.globalBatch))
    values["learningRate.scaling"] = .text(configuration.learningRate.scaling.rawValue)
    guard let trial = run.trial else { return }
    values["part"] = trial.part.map(Hyperparameter.text)
    values["variant"] = trial.values.variant.map(Hyperparameter.text)
    for (axis, value) in trial.values.further { values[axis.runKey ?? axis.key] = Hyperparameter(value) }
  }

  /// Keys in which runs differ.
  static func differences(of runs: [ExportedRun]) throws -> Set<String> {
    let all = try runs.map { try settings(of: $0.record) }
    let keys = all.reduce(into: Set<String>()) { $0.formUnion($1.keys) }
    return keys.filter { key in all.contains { $0[key] != all[0][key] } }
  }

  /// All of a run file's keys that have a value, by their dotted paths.
  private static func settings(of record: RunRecord) throws -> [String: Hyperparameter] {
    let data = try RecordFile.encoder().encode(record.configuration)
    let node = try data.withUnsafeBytes { try ConfigurationNode(json: $0, source: "the run's settings") }
    return Dictionary(node.leaves("")) { first, _ in first }
  }
}

extension Hyperparameter {
  init(_ value: AxisValue) {
    switch value {
    case .whole(let whole): self = .number(Double(whole))
    case .seed(let seed): self = .number(Double(seed))
    case .number(let number): self = .number(number)
    case .word(let word): self = .text(word)
    }
  }

  /// A word of JSON.
  fileprivate init(word: String, isQuoted: Bool) {
    switch (isQuoted, word) {
    case (false, "true"): self = .flag(true)
    case (false, "false"): self = .flag(false)
    case (false, _): self = Double(word).map(Hyperparameter.number) ?? .text(word)
    case (true, _): self = .text(word)
    }
  }

  /// `google.protobuf.Value`.
  var message: ProtobufMessage {
    var message = ProtobufMessage()
    switch self {
    case .number(let number): message.add(2, number)
    case .text(let text): message.add(3, text)
    case .flag(let flag): message.add(4, flag ? 1 : 0)
    }
    return message
  }
}

extension ConfigurationNode {
  /// Values by dotted paths; a list is one text. What encoding a choice adds to a path (`_0`) is left out.
  fileprivate func leaves(_ path: String) -> [(String, Hyperparameter)] {
    switch content {
    case .empty: []
    case .scalar(let word, let isQuoted): [(path, Hyperparameter(word: word, isQuoted: isQuoted))]
    case .list, .texts: [(path, .text("[\((items ?? []).map(\.shortText).joined(separator: ", "))]"))]
    case .section(let entries):
      entries.flatMap { entry in
        entry.value.leaves(entry.key.hasPrefix("_") ? path : path.isEmpty ? entry.key : "\(path).\(entry.key)")
      }
    }
  }

  private var shortText: String {
    switch content {
    case .empty: ""
    case .scalar(let word, _): word
    case .list, .texts: "[\((items ?? []).map(\.shortText).joined(separator: ", "))]"
    case .section(let entries): "{\(entries.map { "\($0.key): \($0.value.shortText)" }.joined(separator: ", "))}"
    }
  }
}
