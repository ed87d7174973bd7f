/// A sweep: one run, the axes along which it varies, and what an hour of a node costs.
public struct StudyConfiguration: Encodable, Equatable, Sendable {
  public var name: String
  /// The trial that every axis starts from. Its global batch is the first of the axis where the file gives none; take a
  /// trial's run from `run(globalBatch:scaling:seed:largestRankCount:)`.
  public var run: RunConfiguration
  public var axes: Axes
  /// A trial's microbatch is ⌈globalBatch ÷ largest rank count⌉, at most this: the same for every rank count of the
  /// study, so that rank counts differ in execution alone, and every rank has work.
  public var microBatchAtMost: Int
  public var cost: Cost
  /// Quality that a user would call good enough; nil reports no time or money to target.
  public var target: Target?
  /// What a reader should know before the figures.
  public var about: String?
  /// A further axis, of named changes to the run; nil runs the run as it is.
  public var variants: [StudyVariant]?
  /// Times single compute calls instead of training.
  public var calls: StudyCalls?
  /// What others say about the same quantities.
  public var claims: [StudyClaim]?
  /// Several studies in one: then `axes` is empty, `run` is the first part's, and all else is each part's own.
  public var parts: [StudyPart]?

  public struct Axes: Encodable, Equatable, Sendable {
    public var globalBatch: [Int]
    public var scaling: [LearningRateConfiguration.Scaling]
    public var seed: [UInt64]
    /// nil in the file means all ranks of the job; filled in when the study starts.
    public var ranks: [Int]?

    public init(
      globalBatch: [Int], scaling: [LearningRateConfiguration.Scaling], seed: [UInt64], ranks: [Int]? = nil
    ) {
      self.globalBatch = globalBatch
      self.scaling = scaling
      self.seed = seed
      self.ranks = ranks
    }
  }

  public struct Cost: Encodable, Equatable, Sendable {
    public var pricePerNodeHour: Double
    /// Any text: USD, EUR.
    public var currency: String
    public var ranksPerNode: Int

    public init(pricePerNodeHour: Double, currency: String = "USD", ranksPerNode: Int) {
      self.pricePerNodeHour = pricePerNodeHour
      self.currency = currency
      self.ranksPerNode = ranksPerNode
    }
  }

  /// One of these.
  public struct Target: Encodable, Equatable, Sendable {
    /// As a fraction: 0.88.
    public var validationAccuracy: Double?
    /// Area under the curve, at least so much: 0.8.
    public var validationAUC: Double?
    /// Nats, at most so many.
    public var validationLoss: Double?

    public init(validationAccuracy: Double? = nil, validationAUC: Double? = nil, validationLoss: Double? = nil) {
      self.validationAccuracy = validationAccuracy
      self.validationAUC = validationAUC
      self.validationLoss = validationLoss
    }
  }

  public init(
    name: String, run: RunConfiguration, axes: Axes, microBatchAtMost: Int = Self.defaultMicroBatchAtMost, cost: Cost,
    target: Target? = nil
  ) {
    self.name = name
    self.run = run
    self.axes = axes
    self.microBatchAtMost = microBatchAtMost
    self.cost = cost
    self.target = target
  }

  public static let defaultMicroBatchAtMost = 512

  /// One trial's run: the study's, with this place on the axes and its microbatch.
  /// - Parameter variant: nil is the run as it is.
  public func run(
    globalBatch: Int, scaling: LearningRateConfiguration.Scaling, seed: UInt64, largestRankCount: Int,
    variant: String? = nil
  ) -> RunConfiguration {
    place(
      run(of: variant), globalBatch: globalBatch, scaling: scaling, seed: seed, largestRankCount: largestRankCount)
  }

  /// A variant's run, before its place on the axes.
  public func run(of variant: String?) -> RunConfiguration {
    variants?.first { $0.name == variant }?.run ?? run
  }

  func place(
    _ run: RunConfiguration, globalBatch: Int, scaling: LearningRateConfiguration.Scaling, seed: UInt64,
    largestRankCount: Int
  ) -> RunConfiguration {
    precondition(largestRankCount > 0, "a study on \(largestRankCount) ranks")
    var trial = run
    trial.globalBatch = globalBatch
    trial.learningRate.scaling = scaling
    trial.seed = seed
    trial.microBatch = microBatch(
      globalBatch: globalBatch, largestRankCount: largestRankCount, ghostBatch: run.ghostBatch)
    return trial
  }

  /// A trial's microbatch; with a ghost batch, rounded up to a multiple of it. A timed call is one microbatch.
  private func microBatch(globalBatch: Int, largestRankCount: Int, ghostBatch: Int?) -> Int {
    if calls != nil { return globalBatch }
    let share = min((globalBatch + largestRankCount - 1) / largestRankCount, microBatchAtMost)
    guard let ghostBatch else { return share }
    let ghosts = (share + ghostBatch - 1) / ghostBatch
    return max(min(ghosts, microBatchAtMost / ghostBatch), 1) * ghostBatch
  }
}

enum StudyKey: String, SectionKey {
  case name, run, axes, microBatchAtMost, cost, target, about, variants, calls, claims, parts
}
enum AxesKey: String, SectionKey { case globalBatch, scaling, seed, ranks }
enum CostKey: String, SectionKey { case pricePerNodeHour, currency, ranksPerNode }
enum TargetKey: String, SectionKey { case validationAccuracy, validationAUC, validationLoss }
