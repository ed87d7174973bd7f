import Buffers
import Configuration
import Datasets
import Measurement
import Statistics

/// Everything that one run leaves behind, as `run.json` holds it. Reports are made from this alone.
public struct RunRecord: Encodable, Sendable {
  /// Version of the form that the record has; older ones are still read.
  public var version = Self.stored.version
  /// As typed, for reports: what made this figure.
  public var command: String
  /// ISO 8601, UTC.
  public var startedAt: String
  /// The run file's settings, with every default filled in and all `--set` applied.
  public var configuration: RunConfiguration
  /// The machine that ran it, as rank 0 saw it.
  public var machine: MachineFacts
  /// MPI processes that computed together.
  public var ranks: Int
  /// Threads that each rank computed with.
  public var threadsPerRank: Int
  /// Names, sizes and checksum of the data.
  public var dataset: DatasetFacts
  /// Layers and sizes of the model.
  public var model: ModelFacts
  /// Optimiser updates of the first epoch; with one global batch throughout, of every epoch.
  public var stepsPerEpoch: Int
  /// Optimiser updates made.
  public var updates: Int
  /// One for each epoch that began, the last perhaps cut short.
  public var epochs: [EpochRecord]
  /// All epochs' samples ÷ all their `seconds`, so that it agrees with them; in records from before `EpochRecord.stepTimes`,
  /// the global batch ÷ `stepSeconds`.
  public var samplesPerSecond: Double
  /// Median seconds of a training step, load to update: of each epoch's full steps (the short last one and the run's
  /// first left out) on the slowest rank, then of the epochs; where the global batch changes, of those with the first one.
  public var stepSeconds: Double?
  /// Where the time of all epochs went, over all ranks.
  public var ledger: LedgerSummary
  /// The epoch after which the final weights were so, where `evaluation.keep` is `best`: from 1.
  public var keptEpoch: Int?
  /// True where evaluations that got no better ended training before its last epoch, else nil.
  public var stoppedEarly: Bool?
  /// The final weights on the whole training set, where asked for.
  public var finalTraining: Quality?
  /// The final weights on the test set, where the run was judged by a validation set and there is a test set; nil in records
  /// from before that was looked at.
  public var finalTest: Quality?
  /// What a linear probe reads off the final weights' representations; nil where the run learnt labels.
  public var probe: ProbeRecord?
  /// How gradients travelled beside the backward pass: as `execution.overlap` says or, where that is `auto`, what was
  /// taken; nil in records from before that was noted.
  public var overlap: ExecutionConfiguration.Overlap?
  /// About the bytes of a bucket of gradients: as `execution.bucketBytes` says or, where that is `auto`, what was taken; nil
  /// in records from before that was noted.
  public var bucketBytes: Int?
  /// The rank that the others waited for; nil where none cost much, and in records from before that was looked at.
  public var slowRank: SlowRank?
  /// Each host's ranks, in order, and the processors that they may run on: `node0: 0 | 1`; nil in records from before that was
  /// noted.
  public var bindings: [String]?
  /// Seconds by which hosts' clocks may have been misjudged at the start, when they were aligned to tell waiting from wire: half the
  /// shortest round trip of the farthest host; nil on one host, and in records from before that was noted.
  public var clockError: Double?
  /// When it was prepared, began and ended; nil in records from before that was noted, and of timed calls.
  public var moments: RunMoments?
  /// Gradient noise over the run's first measured steps; nil where it was not looked at.
  public var noiseAtStart: GradientNoise?
  /// How far the weights went; nil where it was not looked at.
  public var distances: WeightDistances?
  /// Steps that were left out, as their loss or gradient was not finite, in order: they count among `updates`. nil where all were made.
  public var skippedSteps: [SkippedStep]?
  /// Signs that it learnt nothing, or less than it could, each kind once; nil where none was found, and in records from before it
  /// was looked for.
  public var warnings: [LearningWarning]?
  /// Each time that it went on from a checkpoint, in order; nil where it ran through.
  public var resumptions: [Resumption]?
  /// Each time that ranks died and the others went on, in order; nil where all lived to the end.
  public var losses: [RankLoss]?
  /// How it multiplied bfloat16; nil in a run of floats.
  public var bfloat16: BFloat16Facts?
  /// How the run ended.
  public var outcome: Outcome
  /// Hash of the trained weights and statistics, padding excluded, as they are listed as little-endian floats.
  public var weightsSHA256: String

  /// How a run ended, and where.
  public enum Outcome: Encodable, Equatable, Sendable {
    /// All updates were made, and every figure is a number.
    case completed
    /// Loss, gradient or final weights not finite, or a gradient beyond what reproducible sums add up exactly.
    case diverged(step: Int, rank: Int, reason: String)
    /// Ctrl-C or the batch system's signal, after this update.
    case interrupted(step: Int)
  }
}

extension RunRecord.Outcome {
  /// Whether the run was asked to stop before its end.
  public var isInterrupted: Bool { if case .interrupted = self { true } else { false } }

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
  /// A line for people: `completed`, or the update, the rank and the reason.
  public var description: String {
    switch self {
    case .completed: "completed"
    case .diverged(let step, let rank, let reason): "diverged at update \(step) on rank \(rank): \(reason)"
    case .interrupted(let step): "interrupted after update \(step)"
    }
  }
}

extension RunRecord {
  /// Whether its updates were not all of the configuration's global batch, so that epochs are different work.
  public var changesBatch: Bool { epochs.contains { $0.globalBatch != nil } }

  /// Samples of an update in an epoch, but for a short last one.
  public func globalBatch(in epoch: EpochRecord) -> Int { epoch.globalBatch ?? configuration.globalBatch }

  /// Updates of an epoch with the batch of this one, whole though this one may not be.
  package func stepsPerEpoch(like epoch: EpochRecord) -> Int {
    guard let globalBatch = epoch.globalBatch else { return stepsPerEpoch }
    let (whole, rest) = dataset.trainingSamples.quotientAndRemainder(dividingBy: globalBatch)
    return max(1, whole + (rest > 0 ? 1 : 0))
  }

  /// The epoch whose end the final weights are from; nil before the first.
  public var finalEpoch: EpochRecord? { epochs.last { $0.epoch <= keptEpoch ?? .max } }

  /// Quality of the final weights: after the epoch that was kept, or the last that was evaluated.
  public var finalValidation: Quality? {
    epochs.last { $0.validation != nil && $0.epoch <= keptEpoch ?? .max }?.validation
  }

  /// How the run ended, looked at anew: records from before that was looked at call completed what ended without a
  /// number.
  public var finalOutcome: Outcome {
    guard outcome == .completed, let loss = finalValidation?.loss, !loss.isFinite else { return outcome }
    return .diverged(step: updates, rank: 0, reason: "the final \(dataset.heldOut) loss is not finite")
  }
}

extension Quality {
  /// Nil where the loss is no number: then what else was counted says nothing.
  public var known: Quality? { loss.isFinite ? self : nil }
}

/// How good a model is on one data set, over all its samples.
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

  /// Without the figures that only two classes have.
  public init(loss: Double, accuracy: Double) {
    self.loss = loss
    self.accuracy = accuracy
  }
}

/// Figures of one epoch, over all ranks.
public struct EpochRecord: Encodable, Sendable {
  /// From 1.
  public var epoch: Int
  /// Updates made since the run began, at this epoch's end.
  public var updates: Int
  /// Training only: wall-clock of the slowest rank without evaluation and checkpoints.
  public var seconds: Double
  /// Samples of the epoch ÷ `seconds`.
  public var samplesPerSecond: Double
  /// At the epoch's last step.
  public var learningRate: Double
  /// Running means over the epoch's samples, each seen with the weights of its step.
  public var training: Quality
  /// On the validation set (or the test set, see `EvaluatedOn`) after the epoch; nil where it was not looked at.
  public var validation: Quality?
  /// ‖w − w₀‖₂ at the epoch's end, trained parameters only.
  public var weightDistance: Double
  /// Where the epoch's time went, over all ranks.
  public var ledger: LedgerSummary
  /// How long its steps took; nil in records from before that was noted.
  public var stepTimes: StepTimes?
  /// When it began and ended; nil in records from before that was noted.
  public var moments: EpochMoments?
  /// Samples of its updates, where they are others than the run began with; nil where they are the configuration's.
  public var globalBatch: Int?
  /// What all machines used while it trained, in joules; nil where some machine's counters are not to be read, and in records
  /// from before that was looked at.
  public var energy: Energy?
  /// Of the epoch's last update, over arrays of weights: the factors by which LARS or LAMB fitted steps to weights' norms; nil for
  /// other rules.
  public var trustRatios: Spread?
  /// Part of `seconds`: what the first gradients of sharpness-aware steps took, on the slowest rank; nil where steps have one.
  public var ascentSeconds: Double?
  /// Gradient noise over its measured steps; nil where it was not looked at.
  public var noise: GradientNoise?
  /// Norms of its updates and gradients; nil where they were not looked at.
  public var norms: StepNorms?
}

/// The machine that a run was measured on: figures of others are not comparable.
public struct MachineFacts: Encodable, Equatable, Sendable {
  /// The model name in `/proc/cpuinfo`.
  public var processor: String
  /// Host names, each once, sorted.
  public var nodes: [String]
  /// How many machines the nodes are, where they are fewer: hosts of an emulated cluster share cores. nil where each is one, and
  /// in records from before that was looked at.
  public var machines: Int?
  /// Processors that rank 0's system shows, hyper-threads included.
  public var coresPerNode: Int
  /// Installed memory of rank 0's node, in bytes.
  public var memoryBytesPerNode: Int
  /// The distribution's name and version in `/etc/os-release`.
  public var system: String
  /// Name and version of the MPI library, for instance `Open MPI 4.1.4`.
  public var mpi: String
  /// Version of oneDNN.
  public var oneDNN: String
  /// `Lockstep.version` of the program that ran.
  public var lockstep: String
  /// The kernel's release; nil, as all below, where it is not known, and in records from before it was looked at.
  public var kernel: String?
  /// What decides the processor's clock.
  public var governor: String?
  /// The largest set of instructions that oneDNN uses here.
  public var instructions: String?
  /// What carries messages, as the MPI library tells.
  public var transports: String?
  /// What the program was built from, as launch/build noted it beside it.
  public var build: String?
  /// Variables that steer MPI, threads and oneDNN, as `NAME=value`, in the order of their names.
  public var environment: [String]?

  /// Facts from elsewhere than this machine: see `read`.
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

/// The data that a run learnt from and was judged by.
public struct DatasetFacts: Encodable, Equatable, Sendable {
  /// Name for people: a folder's own, or a built-in set's.
  public var name: String
  /// The path that the data were read from: the fallback's where that was used.
  public var path: String
  /// Samples of an epoch.
  public var trainingSamples: Int
  /// Samples that the run was judged by.
  public var validationSamples: Int
  /// Samples of the test set, where the run was not judged by it.
  public var testSamples: Int?
  /// The split that the figures called validation were measured on; nil in records from before it was written down.
  public var evaluatedOn: EvaluatedOn?
  /// The split that stands in where it was not written down; not stored.
  var usual = EvaluatedOn.test
  /// Shape of one sample: `[height, width, channels]` of images, `[values]` of click data.
  public var inputShape: Shape
  /// Different labels; 2 of click data.
  public var classes: Int
  /// `DatasetPair.checksum`; nil in records from before there was one.
  public var checksum: String?

  private enum CodingKeys: String, CodingKey {
    case name, path, trainingSamples, validationSamples, testSamples, evaluatedOn, inputShape, classes, checksum
  }

  /// A nil was not written down, or there is no such figure.
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
  /// The split that the run was judged by, in words: `validation` or `test`.
  public var heldOut: String { (evaluatedOn ?? usual).rawValue }
  /// The same at the beginning of a heading.
  public var heldOutHeading: String { (evaluatedOn ?? usual) == .validation ? "Validation" : "Test" }
}

/// The model that a run trained.
public struct ModelFacts: Encodable, Equatable, Sendable {
  /// `mlp`, `cnn`, `resnet` …, or `layers` for a list.
  public var name: String
  /// One line a layer: kind and shapes.
  public var layers: [String]
  /// Numbers that are learnt, tables included; padding and statistics are none.
  public var parameters: Int
  /// Bytes of the gradient arena, padding and statistics included, tables left out: what one dense exchange moves.
  public var gradientBytes: Int
  /// Rows of the embedding tables, which share their ids; nil, as what follows, where the model has none.
  public var tableRows: Int?
  /// Weights of all tables.
  public var tableBytes: Int?
  /// Bytes that their optimiser remembers.
  public var tableStateBytes: Int?

  /// A model without tables; what describes those is set afterwards.
  public init(name: String, layers: [String], parameters: Int, gradientBytes: Int) {
    self.name = name
    self.layers = layers
    self.parameters = parameters
    self.gradientBytes = gradientBytes
  }
}
