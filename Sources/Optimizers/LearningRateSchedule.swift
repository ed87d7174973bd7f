import Configuration
import Foundation

/// The learning rate of every step, a pure function of the step: resuming needs no state.
///
/// The scaled rate is `base` · k, `base` · √k or `base`, with k = global batch ÷ `baseBatch`. Warm-up climbs to it in a
/// straight line; then the schedule takes over: constant, times `factor` at each milestone, or half a cosine from the
/// scaled rate at the warm-up's end to 0 at the end of the last epoch (Loshchilov and Hutter 2017, one cycle).
///
/// Warm-up starts at the unscaled `base` (Goyal et al. 2017, section 2.2). Where the scaled rate is not above `base` (no
/// scaling, or a batch of at most `baseBatch`) that would be no climb at all, so it starts at a tenth of the scaled rate.
/// The start depends on the two rates alone: at the base batch every scaling rule gives the same run.
public struct LearningRateSchedule: Sendable {
  /// What warm-up reaches.
  public let scaledRate: Double
  private let startRate: Double
  private let warmUpSteps: Int
  private let totalSteps: Int
  private let schedule: LearningRateConfiguration.Schedule
  /// In steps.
  private let milestones: [Int]
  private let factor: Double

  /// - Parameter epochs: the run's length; a run that stops early (`steps`) follows the same curve.
  public init(_ configuration: LearningRateConfiguration, globalBatch: Int, stepsPerEpoch: Int, epochs: Int) {
    precondition(stepsPerEpoch > 0, "an epoch of \(stepsPerEpoch) steps")
    let scaled = configuration.scaledRate(globalBatch: globalBatch)
    scaledRate = scaled
    startRate = scaled > configuration.base ? configuration.base : scaled / 10
    warmUpSteps = Self.steps(configuration.warmUpEpochs, stepsPerEpoch)
    totalSteps = epochs * stepsPerEpoch
    schedule = configuration.schedule
    milestones = configuration.milestones.map { Self.steps($0, stepsPerEpoch) }
    factor = configuration.factor
  }

  /// - Parameter step: updates made before this one: 0 for the first.
  public func rate(step: Int) -> Double {
    let climb = step < warmUpSteps ? startRate + (scaledRate - startRate) * fraction(step, of: warmUpSteps) : scaledRate
    switch schedule {
    case .constant: return climb
    case .steps: return climb * pow(factor, Double(milestones.count { step >= $0 }))
    case .cosine: return climb * cosine(step - warmUpSteps)
    }
  }

  private func cosine(_ step: Int) -> Double {
    guard step > 0 else { return 1 }
    return (1 + cos(.pi * min(1, fraction(step, of: max(1, totalSteps - warmUpSteps))))) / 2
  }

  private func fraction(_ step: Int, of steps: Int) -> Double { Double(step) / Double(steps) }

  /// Further away than any run goes is as good as never.
  private static func steps(_ epochs: Double, _ stepsPerEpoch: Int) -> Int {
    Int(min((epochs * Double(stepsPerEpoch)).rounded(), 0x1p53))
  }
}
