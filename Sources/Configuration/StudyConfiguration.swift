/// A sweep: one run, the axes along which it varies, and what an hour of a node costs.
public struct StudyConfiguration: Codable, Equatable, Sendable {
  public var name: String
  /// The trial that every axis starts from.
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
  }

  public struct Cost: Codable, Equatable, Sendable {
    public var pricePerNodeHour: Double
    /// Any text: USD, EUR.
    public var currency: String
    public var ranksPerNode: Int
  }

  public struct Target: Codable, Equatable, Sendable {
    /// As a fraction: 0.88.
    public var validationAccuracy: Double
  }
}
