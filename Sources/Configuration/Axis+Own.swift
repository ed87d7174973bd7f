extension Axis {
  /// Samples per update: the study's main variable. Examples of a call, where calls are timed.
  public static let globalBatch = Axis.whole(
    "globalBatch", title: "Batch", runKey: "globalBatch", effects: [.execution, .quality], example: "[64, 256]",
    \.globalBatch)

  /// Samples per update of each rank, in place of the global batch, which is this times the ranks: the work of a step grows with
  /// the ranks (weak scaling).
  public static let localBatch = Axis(
    key: "localBatch", title: "Batch of a rank", runKey: nil, effects: [.execution, .quality], example: "[64, 256]",
    read: { .whole(try $0.whole()) }, set: { _, _ in })

  /// The rule by which the learning rate follows the global batch.
  public static let scaling = Axis.choice(
    "scaling", title: "Rate", runKey: "learningRate.scaling", effects: .quality, example: "[none, linear]",
    \.learningRate.scaling)

  /// Repetitions: what is shown is a mean over them.
  public static let seed = Axis(
    key: "seed", title: "Seed", runKey: "seed", effects: .quality, example: "[1, 2]",
    read: { .seed(try $0.seed()) }, set: { value, run in if case .seed(let seed) = value { run.seed = seed } })

  /// How many ranks compute: the job's, and no key of the run.
  public static let ranks = Axis(
    key: "ranks", title: "Ranks", runKey: nil, effects: .execution, example: "[1, 2]",
    read: { .whole(try $0.whole()) }, set: { _, _ in })
}
