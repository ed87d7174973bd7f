/// A sweep: one run, the axes along which it varies, and what an hour of a node costs.
public struct StudyConfiguration: Codable, Equatable, Sendable {
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

  public struct Axes: Codable, Equatable, Sendable {
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

  public struct Cost: Codable, Equatable, Sendable {
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

  public struct Target: Codable, Equatable, Sendable {
    /// As a fraction: 0.88.
    public var validationAccuracy: Double

    public init(validationAccuracy: Double) { self.validationAccuracy = validationAccuracy }
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
  public func run(
    globalBatch: Int, scaling: LearningRateConfiguration.Scaling, seed: UInt64, largestRankCount: Int
  ) -> RunConfiguration {
    precondition(largestRankCount > 0, "a study on \(largestRankCount) ranks")
    var trial = run
    trial.globalBatch = globalBatch
    trial.learningRate.scaling = scaling
    trial.seed = seed
    trial.microBatch = microBatch(globalBatch: globalBatch, largestRankCount: largestRankCount)
    return trial
  }

  /// A trial's microbatch; with a ghost batch, rounded up to a multiple of it.
  public func microBatch(globalBatch: Int, largestRankCount: Int) -> Int {
    let share = min((globalBatch + largestRankCount - 1) / largestRankCount, microBatchAtMost)
    guard let ghost = run.ghostBatch else { return share }
    let ghosts = (share + ghost - 1) / ghost
    return max(min(ghosts, microBatchAtMost / ghost), 1) * ghost
  }
}

enum StudyKey: String, SectionKey { case name, run, axes, microBatchAtMost, cost, target }
enum AxesKey: String, SectionKey { case globalBatch, scaling, seed, ranks }
enum CostKey: String, SectionKey { case pricePerNodeHour, currency, ranksPerNode }
enum TargetKey: String, SectionKey { case validationAccuracy }
