/// A sweep: one run, the axes along which it varies, and what an hour of a node costs.
public struct StudyConfiguration: Encodable, Equatable, Sendable {
  /// For reports.
  public var name: String
  /// The trial that every axis starts from. Its global batch is the first of the axis where the file gives none; take a
  /// trial's run from `run(at:largestRankCount:)`.
  public var run: RunConfiguration
  /// The axes along which it varies.
  public var axes: Axes
  /// A trial's microbatch is ⌈globalBatch ÷ largest rank count⌉, at most this: the same for every rank count of the
  /// study, so that rank counts differ in execution alone, and every rank has work. Where the ranks' own batches are given,
  /// each is cut into equal parts of at most this.
  public var microBatchAtMost: Int
  /// The price of an hour.
  public var cost: Cost
  /// Quality that a user would call good enough; nil reports no time or money to target.
  public var target: Target?
  /// An introduction, read before the figures.
  public var about: String?
  /// A further axis, of named changes to the run; nil runs the run as it is.
  public var variants: [StudyVariant]?
  /// Times single compute calls instead of training.
  public var calls: StudyCalls?
  /// Settings that are searched for at every place; nil searches for none.
  public var search: StudySearch?
  /// Looks at the loss around each trial's final weights; nil does not.
  public var sharpness: StudySharpness?
  /// Follows the loss on the way between trials' final weights; nil does not.
  public var interpolation: StudyInterpolation?
  /// Published claims about the same quantities.
  public var claims: [StudyClaim]?
  /// How time is measured; nil as a file that says nothing.
  public var timing: StudyTiming?
  /// The order in which trials run; nil: shuffled.
  public var order: TrialOrder?
  /// Several studies in one: then `axes` is empty, `run` is the first part's, and all else is each part's own.
  public var parts: [StudyPart]?

  /// The price of time: whole nodes for hours.
  public struct Cost: Encodable, Equatable, Sendable {
    /// In `currency`.
    public var pricePerNodeHour: Double
    /// Any text: USD, EUR.
    public var currency: String
    /// Ranks that share one node and its price.
    public var ranksPerNode: Int

    /// Prices of one kind of node.
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

    /// At most one of the three.
    public init(validationAccuracy: Double? = nil, validationAUC: Double? = nil, validationLoss: Double? = nil) {
      self.validationAccuracy = validationAccuracy
      self.validationAUC = validationAUC
      self.validationLoss = validationLoss
    }
  }

  /// Without variants, calls, claims and parts; set those afterwards.
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

  /// As `timing` says, or as usual.
  public var measuring: StudyTiming { timing ?? StudyTiming() }

  /// Samples, where a study file says nothing.
  public static let defaultMicroBatchAtMost = 512

  /// The run of a place on the axes: the variant's, with the place's values and its microbatch, stretched to the batch.
  ///
  /// - Parameters:
  ///   - place: of what it says nothing, the run stays as it is.
  ///   - largestRankCount: of the study, from which the microbatch follows.
  public func run(at place: AxisValues, largestRankCount: Int) -> RunConfiguration {
    self.place(run(of: place.variant), at: place, largestRankCount: ranksOfMicroBatch(place.ranks, largestRankCount))
      .stretched()
  }

  /// A variant's run, before its place on the axes.
  public func run(of variant: String?) -> RunConfiguration {
    variants?.first { $0.name == variant }?.run ?? run
  }

  /// The ranks whose shares a microbatch is a part of: the most of the study, or the trial's own where ranks' batches are given.
  package func ranksOfMicroBatch(_ ranks: Int?, _ largestRankCount: Int) -> Int {
    axes.localBatch == nil ? largestRankCount : ranks ?? 1
  }

  func place(_ run: RunConfiguration, at place: AxisValues, largestRankCount: Int) -> RunConfiguration {
    precondition(largestRankCount > 0, "a study on \(largestRankCount) ranks")
    var trial = run
    for axis in Axis.allCases { if let value = place[axis] { axis.set(value, &trial) } }
    // Noise is seen between the microbatches of a global batch, so that takes a few.
    let leastParts = trial.measure?.noiseScale == nil ? 1 : Self.microbatchesOfNoise
    trial.microBatch = microBatch(
      globalBatch: trial.globalBatch, largestRankCount: max(largestRankCount, leastParts), ghostBatch: trial.ghostBatch)
    if trial.workers != nil { trial.microBatch = min(trial.microBatch, trial.largestMicroBatch) }
    return trial
  }

  /// As many as a run file's default makes of a global batch.
  private static let microbatchesOfNoise = 4

  /// A trial's microbatch; with a ghost batch, rounded up to a multiple of it. A timed call is one microbatch.
  package func microBatch(globalBatch: Int, largestRankCount: Int, ghostBatch: Int?) -> Int {
    if calls != nil { return globalBatch }
    let whole = Self.parts(of: globalBatch, each: largestRankCount)
    let share =
      axes.localBatch == nil
      ? min(whole, microBatchAtMost) : Self.parts(of: whole, each: Self.parts(of: whole, each: microBatchAtMost))
    guard let ghostBatch else { return share }
    let ghosts = Self.parts(of: share, each: ghostBatch)
    return max(min(ghosts, microBatchAtMost / ghostBatch), 1) * ghostBatch
  }

  /// ⌈count ÷ size⌉, of any size of numbers.
  private static func parts(of count: Int, each size: Int) -> Int {
    let (whole, rest) = count.quotientAndRemainder(dividingBy: size)
    return whole + (rest > 0 ? 1 : 0)
  }
}

enum StudyKey: String, SectionKey {
  case name, run, axes, microBatchAtMost, cost, target, about, variants, calls, search, sharpness, interpolation
  case claims, timing, order, parts
}
enum CostKey: String, SectionKey { case pricePerNodeHour, currency, ranksPerNode }
enum TargetKey: String, SectionKey { case validationAccuracy, validationAUC, validationLoss }
