import Foundation

/// How the global batch changes while a run trains: the section `batchSchedule`.
///
/// It is a decay of the rate by `factor` at every milestone, of which the batch takes as much as it may (Smith et al. 2017): the
/// batch is multiplied by `factor` up to `atMost`, and the rate, divided by `factor`, is scaled to the batch of the moment.
/// After k milestones of a run that began with the batch B₀ and the rate ε₀
///
/// Bₖ = min(B₀ · factorᵏ, atMost), εₖ = ε₀ · s(Bₖ ÷ B₀) ÷ factorᵏ
///
/// with s(x) = x (`linear`): the rate stays as it is while the batch grows by the whole factor, and what the batch does not take
/// the rate does, so that ε ÷ B falls by the factor either way. With s(x) = √x (`squareRoot`) both have a part in it, as
/// in Seesaw (arXiv 2510.14717): where a schedule halves the rate, it is divided by √2 and the batch doubled. With s(x) = 1
/// (`none`) the rate decays whatever the batch does.
public struct BatchScheduleConfiguration: Encodable, Equatable, Sendable {
  /// Whole epochs at which the batch is multiplied, rising.
  public var milestones: [Int]
  /// What the batch is multiplied by, and the rate divided by before it is scaled. Below 1 the batch shrinks.
  public var factor: Double
  /// No batch grows beyond this; nil bounds none. One that is as large already does not grow at all, and the rate decays.
  public var atMost: Int?
  /// How the rate follows the batch that has grown.
  public var scaling: LearningRateConfiguration.Scaling

  /// With a run file's defaults.
  public init(
    milestones: [Int], factor: Double, atMost: Int? = nil, scaling: LearningRateConfiguration.Scaling = .linear
  ) {
    self.milestones = milestones
    self.factor = factor
    self.atMost = atMost
    self.scaling = scaling
  }
}

extension BatchScheduleConfiguration {
  /// Milestones that are behind a run in an epoch, from 0.
  public func milestones(passedIn epoch: Int) -> Int { milestones.count { $0 <= epoch } }

  /// Samples of an update behind so many milestones, to the nearest one.
  ///
  /// - Parameter base: at the run's start.
  public func globalBatch(_ base: Int, after milestones: Int) -> Int {
    let most = max(base, atMost ?? ConfigurationNode.counts.upperBound)
    return Int(max(1, min((Double(base) * growth(milestones)).rounded(), Double(most))))
  }

  /// What the rate is multiplied by behind so many milestones, besides its own schedule: exactly 1 while a batch grows by
  /// the whole factor under `linear`.
  public func rateFactor(_ base: Int, after milestones: Int) -> Double {
    let grown = Double(globalBatch(base, after: milestones)) / Double(base)
    return scaling.factor(grown) / growth(milestones)
  }

  private func growth(_ milestones: Int) -> Double { pow(factor, Double(milestones)) }
}

enum BatchScheduleKey: String, SectionKey { case milestones, factor, atMost, scaling }

extension BatchScheduleConfiguration {
  init(_ section: Section<BatchScheduleKey>) throws {
    let node = try section.required(.milestones)
    self.init(
      milestones: try node.list(example: "[60, 120]") { try $0.whole() },
      factor: try section.required(.factor).number(.positive), atMost: try section.optional(.atMost)?.whole())
    scaling = try section[.scaling]?.choice() ?? scaling
    // What a run was stretched to may have fallen together.
    guard node.isStored || zip(milestones, milestones.dropFirst()).allSatisfy(<) else {
      throw node.error("\(node.path) must rise from one to the next")
    }
  }
}
