import Buffers
import Kernels

/// Layer-wise adaptive rate scaling (You, Gitman and Ginsburg 2017): how gradient descent with momentum moves every array of
/// weights by a share of its own norm. With g the gradient plus decay · w:
///
/// v ← momentum · v + trust · ‖w‖ ÷ ‖g‖ · g; w ← w − rate · v
///
/// where the factor is 1 if either norm is 0. The denominator is that of SimCLR's optimiser (Chen et al. 2020), ‖gradient +
/// decay · w‖; the paper has ‖gradient‖ + decay · ‖w‖. As there, biases and the weights of norms (arrays of one dimension)
/// move as in plain descent, and without decay.
struct LARS {
  /// At a rate of 1, a step's share of the norm of the array that it moves.
  let trust: Double

  /// Each trained array by itself, and whether it has a rate of its own.
  static func stretches(of layout: ParameterLayout) -> [(range: Range<Int>, adapts: Bool)] {
    layout.entries.filter { $0.parameter.role == .trained }.map { ($0.range, $0.parameter.shape.rank > 1) }
  }

  /// Plain descent's numbers, for one array.
  func rates(
    _ plain: OptimizerLoops.DescentRates, adapts: Bool, weights: Tensor, gradient: Tensor
  ) -> OptimizerLoops.DescentRates {
    let factor = adapts ? localRate(plain, weights, gradient) : 1
    var rates = plain
    rates.gradientScale = Float(factor * Double(plain.gradientScale))
    rates.weightDecay = adapts ? Float(factor * Double(plain.weightDecay)) : 0
    return rates
  }

  /// trust · ‖w‖ ÷ ‖scale · gradient + decay · w‖.
  private func localRate(_ plain: OptimizerLoops.DescentRates, _ weights: Tensor, _ gradient: Tensor) -> Double {
    let weightNorm = OptimizerLoops.sumOfSquares(weights.buffer.span).squareRoot()
    let gradientNorm = OptimizerLoops.sumOfSquares(
      gradient.buffer.span, times: Double(plain.gradientScale), plus: weights.buffer.span,
      times: Double(plain.weightDecay)
    ).squareRoot()
    return weightNorm > 0 && gradientNorm > 0 ? trust * weightNorm / gradientNorm : 1
  }
}
