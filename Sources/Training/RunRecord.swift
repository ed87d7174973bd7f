import Buffers
import Configuration
import Datasets
import Measurement

/// Everything that one run leaves behind, as `run.json` holds it. Reports are made from this alone.
public struct RunRecord: Encodable, Sendable {
  public var version = Self.stored.version
  /// As typed, for reports: what made this figure.
  public var command: String
  /// ISO 8601, UTC.
  public var startedAt: String
  public var configuration: RunConfiguration
  public var machine: MachineFacts
  public var ranks: Int
  public var threadsPerRank: Int
  public var dataset: DatasetFacts
  public var model: ModelFacts
  public var stepsPerEpoch: Int
  /// Optimiser updates made.
  public var updates: Int
  public var epochs: [EpochRecord]
  /// globalBatch / stepSeconds: over all ranks, evaluation and what lies between steps left out.
  public var samplesPerSecond: Double
  /// Median seconds of a training step, load to update: of each epoch's full steps (the short last one and the run's
  /// first left out) on the slowest rank, then of the epochs.
  public var stepSeconds: Double?
  public var ledger: LedgerSummary
  /// The final weights on the whole training set, where asked for.
  public var finalTraining: Quality?
  /// The final weights on the test set, where the run was judged by a validation set and there is a test set; nil in records
  /// from before that was looked at.
  public var finalTest: Quality?
  public var outcome: Outcome
  /// Of the trained weights and statistics, padding excluded, as they are listed as little-endian floats.
  public var weightsSHA256: String

  public enum Outcome: Encodable, Equatable, Sendable {
    case completed
    /// Loss, gradient or final weights not finite, or a gradient beyond what reproducible sums add up exactly.
    case diverged(step: Int, rank: Int, reason: String)
    /// Ctrl-C or the batch system's signal, after this update.
    case interrupted(step: Int)
  }
}

extension RunRecord.Outcome {
  /// Without where and why.
  var word: String {
    switch self {
    case .completed: "completed"
    case .diverged: "diverged"
    case .interrupted: "interrupted"
    }
  }
}

extension RunRecord.Outcome: CustomStringConvertible {
  public var description: String {
    switch self {
    case .completed: "completed"
    case .diverged(let step, let rank, let reason): "diverged at update \(step) on rank \(rank): \(reason)"
    case .interrupted(let step): "interrupted after update \(step)"
    }
  }
}

extension RunRecord {
  /// Of the last epoch that was evaluated.
  public var finalValidation: Quality? { epochs.last { $0.validation != nil }?.validation }

  /// How the run ended, looked at anew: records from before that was looked at call completed what ended without a
  /// number.
  public var finalOutcome: Outcome {
    guard outcome == .completed, let loss = finalValidation?.loss, !loss.isFinite else { return outcome }
    return .diverged(step: updates, rank: 0, reason: "the final validation loss is not finite")
  }
}

extension Quality {
  /// Nil where the loss is no number: then what else was counted says nothing.
  public var known: Quality? { loss.isFinite ? self : nil }
}

public struct Quality: Encodable, Equatable, Sendable {
  /// Mean per sample, in nats.
  public var loss: Double
  /// Fraction right.
  public var accuracy: Double
  /// Two classes only: of all pairs of a positive and a negative sample, the fraction in which the positive one has the
  /// higher score, ties counting a half. Exact.
  public var areaUnderCurve: Double?
  /// Two classes only: `loss` ÷ the entropy of the positives' share.
  public var normalizedEntropy: Double?
  /// Two classes only: mean prediction ÷ the positives' share.
  public var calibration: Double?

  public init(loss: Double, accuracy: Double) {
    self.loss = loss
    self.accuracy = accuracy
  }
}

public struct EpochRecord: Encodable, Sendable {
  /// From 1.
  public var epoch: Int
  /// Updates made since the run began, at this epoch's end.
  public var updates: Int
  /// Training only: wall-clock of the slowest rank without evaluation and checkpoints.
  public var seconds: Double
  public var samplesPerSecond: Double
  /// At the epoch's last step.
  public var learningRate: Double
  /// Running means over the epoch's samples, each seen with the weights of its step.
  public var training: Quality
  public var validation: Quality?
  /// ‖w − w₀‖₂ at the epoch's end, trained parameters only.
  public var weightDistance: Double
  public var ledger: LedgerSummary
}

public struct MachineFacts: Encodable, Equatable, Sendable {
  public var processor: String
  public var nodes: [String]
  public var coresPerNode: Int
  public var memoryBytesPerNode: Int
  public var system: String
  public var mpi: String
  public var oneDNN: String
  public var lockstep: String

  public init(
    processor: String, nodes: [String], coresPerNode: Int, memoryBytesPerNode: Int, system: String, mpi: String,
    oneDNN: String, lockstep: String
  ) {
    self.processor = processor
    self.nodes = nodes
    self.coresPerNode = coresPerNode
    self.memoryBytesPerNode = memoryBytesPerNode
    self.system = system
    self.mpi = mpi
    self.oneDNN = oneDNN
    self.lockstep = lockstep
  }
}

public struct DatasetFacts: Encodable, Equatable, Sendable {
  public var name: String
  public var path: String
  public var trainingSamples: Int
  /// Of what the run was judged by.
  public var validationSamples: Int
  /// Of the test set, where the run was not judged by it.
  public var testSamples: Int?
  /// What the figures called validation were measured on; nil in records from before it was written down.
  public var evaluatedOn: EvaluatedOn?
  /// What stands in where it was not written down; not stored.
  var usual = EvaluatedOn.test
  public var inputShape: Shape
  public var classes: Int
  /// `DatasetPair.checksum`; nil in records from before there was one.
  public var checksum: String?

  private enum CodingKeys: String, CodingKey {
    case name, path, trainingSamples, validationSamples, testSamples, evaluatedOn, inputShape, classes, checksum
  }

  public init(
    name: String, path: String, trainingSamples: Int, validationSamples: Int, testSamples: Int? = nil,
    evaluatedOn: EvaluatedOn? = nil, inputShape: Shape, classes: Int, checksum: String? = nil
  ) {
    self.name = name
    self.path = path
    self.trainingSamples = trainingSamples
    self.validationSamples = validationSamples
    self.testSamples = testSamples
    self.evaluatedOn = evaluatedOn
    self.inputShape = inputShape
    self.classes = classes
    self.checksum = checksum
  }
}

extension DatasetFacts {
  /// What the run was judged by, in words: `validation` or `test`.
  public var heldOut: String { (evaluatedOn ?? usual).rawValue }
  /// The same at the beginning of a heading.
  public var heldOutHeading: String { (evaluatedOn ?? usual) == .validation ? "Validation" : "Test" }
}

public struct ModelFacts: Encodable, Equatable, Sendable {
  public var name: String
  /// One line a layer: kind and shapes.
  public var layers: [String]
  public var parameters: Int
  /// Of the gradient arena, padding and statistics included, tables left out: what one dense exchange moves.
  public var gradientBytes: Int
  /// Rows of the embedding tables, which share their ids; nil, as what follows, where the model has none.
  public var tableRows: Int?
  /// Weights of all tables.
  public var tableBytes: Int?
  /// What their optimiser remembers.
  public var tableStateBytes: Int?

  public init(name: String, layers: [String], parameters: Int, gradientBytes: Int) {
    self.name = name
    self.layers = layers
    self.parameters = parameters
    self.gradientBytes = gradientBytes
  }
}
