import Buffers
import Configuration
import Kernels

/// Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017): how gradient descent with momentum moves every array of
/// weights by a share of its own norm. With g the gradient plus decay · w:
///
/// v ← momentum · v + trust · ‖w‖ ÷ ‖g‖ · g; w ← w − rate · v
///
/// where the factor is 1 if either norm is 0. That denominator is of SimCLR's optimiser (Chen et al. 2020), ‖gradient +
/// decay · w‖; the paper has ‖gradient‖ + decay · ‖w‖ (`Denominator`). As in SimCLR's, biases and the weights of norms (arrays of
/// one dimension) move as in plain descent, and without decay.
struct LARS {
  /// At a rate of 1, a step's share of the norm of the array that it moves.
  let trust: Double
  let denominator: OptimizerConfiguration.Denominator

  /// Nil where the configuration asks for another rule.
  init?(_ configuration: OptimizerConfiguration) {
    guard configuration.kind == .lars else { return nil }
    trust = configuration.trust ?? OptimizerConfiguration.usualTrust
    denominator = configuration.denominator ?? .normOfSum
  }

  /// Each trained array by itself, and whether it has a rate of its own.
  static func stretches(of layout: ParameterLayout) -> [(range: Range<Int>, adapts: Bool)] {
    layout.entries.filter { $0.parameter.role == .trained }.map { ($0.range, $0.parameter.shape.rank > 1) }
  }

  /// Plain descent's numbers, for one array that has this factor.
  func rates(
    _ plain: OptimizerLoops.DescentRates, factor: Double?
  ) -> OptimizerLoops.DescentRates {
    let ratio = factor ?? 1
    var rates = plain
    rates.gradientScale = Float(ratio * Double(plain.gradientScale))
    rates.weightDecay = factor == nil ? 0 : Float(ratio * Double(plain.weightDecay))
    return rates
  }

  /// trust · ‖w‖ ÷ the denominator.
  func trustRatio(_ plain: OptimizerLoops.DescentRates, weights: Tensor, gradient: Tensor) -> Double {
    let weightNorm = OptimizerLoops.sumOfSquares(weights.buffer.span).squareRoot()
    let divisor = divisor(plain, weights, gradient, weightNorm)
    return weightNorm > 0 && divisor > 0 ? trust * weightNorm / divisor : 1
  }

  private func divisor(
    _ plain: OptimizerLoops.DescentRates, _ weights: Tensor, _ gradient: Tensor, _ weightNorm: Double
  ) -> Double {
    let (scale, decay) = (Double(plain.gradientScale), Double(plain.weightDecay))
    switch denominator {
    case .normOfSum:
      return OptimizerLoops.sumOfSquares(gradient.buffer.span, times: scale, plus: weights.buffer.span, times: decay)
        .squareRoot()
    case .sumOfNorms:
      let gradientNorm = scale * OptimizerLoops.sumOfSquares(gradient.buffer.span).squareRoot()
      return gradientNorm > 0 ? gradientNorm + decay * weightNorm : 0
    }
  }
}
