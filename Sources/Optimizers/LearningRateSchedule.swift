import Configuration
import Foundation

/// The learning rate of every step, a pure function of the step's place in the run and of how often a plateau has lowered it:
/// resuming needs no state.
///
/// The scaled rate is `base` · k, `base` · √k or `base`, with k = global batch ÷ `baseBatch`. Warm-up climbs to it in a
/// straight line; then the schedule takes over: constant, times `factor` at each milestone or plateau, or half a cosine from the
/// scaled rate at the warm-up's end to 0 at the end of the last epoch (Loshchilov and Hutter 2017, one cycle).
///
/// Warm-up starts at the unscaled `base` (Goyal et al. 2017, section 2.2). Where the scaled rate is not above `base` (no
/// scaling, or a batch of at most `baseBatch`) that would be no climb at all, so it starts at a tenth of the scaled rate.
/// The start depends on the two rates alone: at the base batch every scaling rule gives the same run.
public struct LearningRateSchedule: Sendable {
  /// The rate that warm-up reaches.
  public let scaledRate: Double
  private let startRate: Double
  private let configuration: LearningRateConfiguration
  private let epochs: Int

  /// - Parameters:
  ///   - globalBatch: at the run's start.
  ///   - epochs: the run's length; a run that stops early (`steps`) follows the same curve.
  public init(_ configuration: LearningRateConfiguration, globalBatch: Int, epochs: Int) {
    let scaled = configuration.scaledRate(globalBatch: globalBatch)
    scaledRate = scaled
    startRate = scaled > configuration.base ? configuration.base : scaled / 10
    self.configuration = configuration
    self.epochs = epochs
  }

  /// Times in epochs become whole numbers of steps as long as this epoch's.
  ///
  /// - Parameters:
  ///   - epoch: from 0.
  ///   - step: in its epoch, from 0.
  ///   - stepsInEpoch: how many that one has.
  ///   - plateaus: how often evaluations have stopped getting better.
  public func rate(epoch: Int, step: Int, stepsInEpoch: Int, plateaus: Int = 0) -> Double {
    precondition(stepsInEpoch > 0, "an epoch of \(stepsInEpoch) steps")
    let done = epoch * stepsInEpoch + step
    let warmUp = Self.steps(configuration.warmUpEpochs, stepsInEpoch)
    let climb = done < warmUp ? startRate + (scaledRate - startRate) * fraction(done, of: warmUp) : scaledRate
    switch configuration.schedule {
    case .constant: return climb
    case .steps: return climb * pow(configuration.factor, Double(milestonesPassed(done, stepsInEpoch)))
    case .plateau: return climb * pow(configuration.factor, Double(plateaus))
    case .cosine: return climb * cosine(done - warmUp, of: epochs * stepsInEpoch - warmUp)
    }
  }

  private func milestonesPassed(_ done: Int, _ stepsInEpoch: Int) -> Int {
    configuration.milestones.count { done >= Self.steps($0, stepsInEpoch) }
  }

  private func cosine(_ step: Int, of steps: Int) -> Double {
    guard step > 0 else { return 1 }
    return (1 + cos(.pi * min(1, fraction(step, of: max(1, steps))))) / 2
  }

  private func fraction(_ step: Int, of steps: Int) -> Double { Double(step) / Double(steps) }

  /// Further away than any run goes is as good as never.
  private static func steps(_ epochs: Double, _ stepsInEpoch: Int) -> Int {
    Int(min((epochs * Double(stepsInEpoch)).rounded(), 0x1p53))
  }
}
