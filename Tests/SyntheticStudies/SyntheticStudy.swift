import Configuration
import Foundation
import Measurement
import Studies
import Training

/// Made-up results with round figures, for tests alone: the processor is called "synthetic", and nothing made from them
/// is a measurement.
public enum SyntheticStudy {
  public static func study(
    name: String = "synthetic", globalBatch: [Int] = [64, 256, 1024], scaling: [String] = ["none", "linear"],
    seeds: [Int] = [1, 2], ranks: [Int]? = [2], price: Double = 3.6, target: Double? = nil, momentum: Double = 0.9,
    microBatchAtMost: Int = 256
  ) -> StudyConfiguration {
    var study = StudyConfiguration(
      name: name, run: run(momentum: momentum),
      axes: .init(
        globalBatch: globalBatch, scaling: scaling.map { .init(rawValue: $0)! }, seed: seeds.map { UInt64($0) },
        ranks: ranks),
      microBatchAtMost: microBatchAtMost, cost: .init(pricePerNodeHour: price, ranksPerNode: 2))
    study.target = target.map { .init(validationAccuracy: $0) }
    return study
  }

  public static func run(momentum: Double = 0.9) -> RunConfiguration {
    var run = RunConfiguration(
      model: .mlp(widths: [16], batchNorm: false, dropout: 0),
      data: DataConfiguration(path: "data/synthetic", normalization: .unit), globalBatch: 64, microBatch: 64, epochs: 4)
    run.optimizer.momentum = momentum
    return run
  }

  /// One trial whose step takes 1 ms + 10 µs a sample on one rank; more ranks share the samples and wait and move for
  /// 0.2 ms each. Accuracy falls with the batch where the rate is fixed, differs by 0.01 from seed to seed, and rises by
  /// 0.02 an epoch.
  public static func record(_ trial: Trial, of study: StudyConfiguration, accuracy: Double? = nil) -> TrialRecord {
    let steps = (4096 + trial.globalBatch - 1) / trial.globalBatch
    let phases = phases(trial, steps: steps)
    let final = accuracy ?? finalAccuracy(trial)
    let epochs = (1...4).map { epoch in
      let quality = final - 0.02 * Double(4 - epoch)
      let elapsed = sum(phases)
      return """
        {"epoch": \(epoch), "updates": \(steps * epoch), "seconds": \(elapsed - (phases["evaluate"] ?? 0)),
         "samplesPerSecond": \(4096 / (elapsed - (phases["evaluate"] ?? 0))), "learningRate": 0.1,
         "training": {"loss": \(2 * (1 - quality)), "accuracy": \(quality + 0.03)},
         "validation": {"loss": \(2.5 * (1 - quality)), "accuracy": \(quality)}, "weightDistance": \(epoch),
         "ledger": \(ledger(phases, steps: steps))}
        """
    }
    return make(trial, study, steps: steps, epochs: epochs, phases: phases, outcome: #"{"completed": {}}"#)
  }

  public static func diverged(_ trial: Trial, of study: StudyConfiguration) -> TrialRecord {
    let steps = (4096 + trial.globalBatch - 1) / trial.globalBatch
    return make(
      trial, study, steps: steps, epochs: [], phases: phases(trial, steps: steps),
      outcome: #"{"diverged": {"step": 3, "rank": 0, "reason": "loss is not finite"}}"#)
  }

  public static func records(of study: StudyConfiguration) -> [TrialRecord] {
    study.trials.map { record($0, of: study) }
  }

  /// With two variants, of which one has no momentum.
  public static func variants(claims: [StudyClaim]? = nil) -> StudyConfiguration {
    var study = study()
    var slow = study.run
    slow.optimizer.momentum = 0
    study.variants = [StudyVariant(name: "plain", run: study.run), StudyVariant(name: "slow", run: slow)]
    study.claims = claims
    return study
  }

  /// Calls of 10 µs + 2 µs an example, and a study with variants.
  public static func parts(claims: [StudyClaim]? = nil) -> StudyConfiguration {
    var calls = study(name: "calls", globalBatch: [1, 5, 25, 125], scaling: ["none"], seeds: [1], ranks: [1])
    calls.calls = StudyCalls()
    calls.claims = claims
    calls.about = "Calls & more."
    let batch = variants()
    var whole = batch
    whole.name = "whole"
    whole.axes = .init(globalBatch: [], scaling: [], seed: [], ranks: [2])
    (whole.variants, whole.about) = (nil, "Two parts.")
    whole.parts = [
      StudyPart(name: "calls", title: "Calls <1>", study: calls),
      StudyPart(name: "batch", title: "Batch", study: batch),
    ]
    return whole
  }

  public static func partRecords(of study: StudyConfiguration) -> [TrialRecord] {
    study.trials.compactMap { trial in
      guard let owner = study.owner(of: trial) else { return nil }
      var inner = trial
      inner.part = nil
      var record = owner.calls == nil ? record(inner, of: owner) : call(inner, of: owner)
      record.trial = trial
      return record
    }
  }

  /// A timed call; training takes three times as long as prediction.
  public static func call(_ trial: Trial, of study: StudyConfiguration) -> TrialRecord {
    var record = record(trial, of: study)
    record.run.epochs = []
    record.run.stepSeconds = nil
    let seconds = 1e-5 + 2e-6 * Double(trial.globalBatch)
    record.calls = read(
      """
      {"examples": \(trial.globalBatch), "prediction": \(times(seconds)), "training": \(times(3 * seconds))}
      """
    ) { try CallTiming($0) }
    return record
  }

  private static func times(_ seconds: Double) -> String {
    """
    {"calls": 30, "medianSeconds": \(seconds), "lowerQuartileSeconds": \(seconds), "upperQuartileSeconds": \(seconds),
     "cpuSeconds": \(seconds)}
    """
  }

  public static func claim(
    _ measure: String, of: StudyClaim.Place = .init(), over: StudyClaim.Place? = nil, overMeasure: String? = nil,
    atLeast: Double? = nil, atMost: Double? = nil
  ) -> StudyClaim {
    let quantity = StudyClaim.Quantity(measure: measure, of: of, over: over, overMeasure: overMeasure)
    return StudyClaim(
      source: "nobody", text: "It is <so>", published: 1, quantity: quantity, atLeast: atLeast, atMost: atMost,
      note: nil, place: "study.yaml:7")
  }

  public static func finalAccuracy(_ trial: Trial) -> Double {
    let loss = trial.scaling == .none && trial.globalBatch > 64 ? 0.0001 * Double(trial.globalBatch) : 0
    return 0.8 - loss + 0.01 * Double(trial.seed)
  }

  public static func stepSeconds(globalBatch: Int, ranks: Int) -> Double {
    0.001 + 1e-5 * Double(globalBatch) / Double(ranks) + (ranks > 1 ? 0.0002 * Double(ranks) : 0)
  }

  /// In a fixed order, so that the same trial is the same to the last bit.
  private static func sum(_ phases: [String: Double]) -> Double {
    phases.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
  }

  /// Seconds of an epoch.
  private static func phases(_ trial: Trial, steps: Int) -> [String: Double] {
    let exchange = trial.ranks > 1 ? 0.0001 * Double(trial.ranks * steps) : 0
    let share = 1e-5 * 4096 / Double(trial.ranks)
    return [
      "load": 0, "forward": share / 4, "backward": share * 3 / 4, "exchangeWait": exchange, "exchangeWire": exchange,
      "update": 0.0006 * Double(steps), "evaluate": 0.05, "checkpoint": 0, "other": 0.0004 * Double(steps),
    ]
  }

  private static func ledger(_ phases: [String: Double], steps: Int, epochs: Double = 1) -> String {
    func spread(_ value: Double) -> String {
      #"{"minimum": \#(value * epochs), "median": \#(value * epochs), "maximum": \#(value * epochs)}"#
    }
    let exposed = (phases["exchangeWait"] ?? 0) + (phases["exchangeWire"] ?? 0)
    let elapsed = sum(phases)
    return """
      {"phases": {\(phases.map { "\"\($0.key)\": \(spread($0.value))" }.joined(separator: ", "))},
       "elapsed": \(spread(elapsed)), "exchangeTotal": \(spread(exposed * 2)), "exchangeExposed": \(spread(exposed)),
       "exchangedBytes": \(Int(Double(steps * 4000) * epochs)), "exchangedMessages": \(Int(Double(steps) * epochs)),
       "cpuSeconds": \(spread(elapsed)), "peakMemoryBytes": {"minimum": 1e8, "median": 1.5e8, "maximum": 2e8},
       "steps": \(Int(Double(steps) * epochs)), "samples": \(Int(4096 * epochs))}
      """
  }

  private static func make(
    _ trial: Trial, _ study: StudyConfiguration, steps: Int, epochs: [String], phases: [String: Double], outcome: String
  ) -> TrialRecord {
    let configuration = encode(study.run(for: trial))
    let seconds = sum(phases) - (phases["evaluate"] ?? 0)
    let run = read(
      """
      {"version": 1, "command": "mpirun -np \(trial.ranks) lockstep study synthetic.yaml",
       "startedAt": "2000-01-01T00:00:00Z", "configuration": \(configuration),
       "machine": {"processor": "synthetic", "nodes": ["nowhere"], "coresPerNode": 2, "memoryBytesPerNode": 8589934592,
         "system": "none", "mpi": "none", "oneDNN": "none", "lockstep": "0"},
       "ranks": \(trial.ranks), "threadsPerRank": 1,
       "dataset": {"name": "synthetic", "path": "data/synthetic", "trainingSamples": 4096, "validationSamples": 1000,
         "inputShape": [4, 4, 1], "classes": 10},
       "model": {"name": "mlp", "layers": ["dense 16 to 10"], "parameters": 1000, "gradientBytes": 4000},
       "stepsPerEpoch": \(steps), "updates": \(epochs.isEmpty ? 3 : steps * epochs.count),
       "epochs": [\(epochs.joined(separator: ", "))], "samplesPerSecond": \(4096 / seconds),
       "stepSeconds": \(stepSeconds(globalBatch: trial.globalBatch, ranks: trial.ranks)),
       "ledger": \(ledger(phases, steps: steps, epochs: 4)), "outcome": \(outcome),
       "weightsSHA256": "0000"}
      """
    ) { try RunRecord($0) }
    return TrialRecord(trial: trial, run: run)
  }

  private static func encode(_ value: some Encodable) -> String {
    // A failure here is a mistake in this file.
    String(decoding: try! JSONEncoder().encode(value), as: UTF8.self)
  }

  private static func read<Value>(_ text: String, _ read: (ConfigurationNode) throws -> Value) -> Value {
    try! Data(text.utf8).withUnsafeBytes { try read(ConfigurationNode(json: $0, source: "synthetic")) }
  }
}
