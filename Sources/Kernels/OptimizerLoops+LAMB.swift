import CVectorMath

extension OptimizerLoops {
  /// The first half of an update by LAMB: the moments take the gradient up, as Adam's do.
  ///
  /// - Parameter rates: of Adam at a learning rate of 1, with λ, which is part of the step, as its `weightDecay`.
  /// - Returns: Σ w² and Σ r², in doubles, of the step r = m̂ ÷ (√v̂ + ε) + λ · w (You et al. 2020, algorithm 2).
  public static func lambMoments(
    _ weights: Span<Float>, gradients: Span<Float>, firstMoment: inout MutableSpan<Float>,
    secondMoment: inout MutableSpan<Float>, _ rates: AdamRates
  ) -> (weights: Double, step: Double) {
    let count = weights.count
    precondition(gradients.count == count, "\(gradients.count) gradients for \(count) weights")
    precondition(firstMoment.count == count, "\(firstMoment.count) first moments for \(count) weights")
    precondition(secondMoment.count == count, "\(secondMoment.count) second moments for \(count) weights")
    var (weightSquares, stepSquares) = (0.0, 0.0)
    for index in 0..<count {
      let weight = weights[index]
      let gradient = rates.gradientScale * gradients[index]
      let mean = firstMoment[index].addingProduct(rates.oneMinusBeta1, gradient - firstMoment[index])
      let square = (rates.beta2 * secondMoment[index]).addingProduct(rates.oneMinusBeta2 * gradient, gradient)
      firstMoment[index] = mean
      secondMoment[index] = square
      let (wide, step) = (Double(weight), Double(lambStep(weight, mean, square, rates)))
      weightSquares = lockstep_reassociable_add_double(weightSquares, wide * wide)
      stepSquares = lockstep_reassociable_add_double(stepSquares, step * step)
    }
    return (weightSquares, stepSquares)
  }

  /// The second half: w ← w − rate · r.
  ///
  /// - Parameter rate: the learning rate times the array's trust ratio.
  public static func lambStep(
    _ weights: inout MutableSpan<Float>, firstMoment: Span<Float>, secondMoment: Span<Float>, rate: Float,
    _ rates: AdamRates
  ) {
    let count = weights.count
    precondition(firstMoment.count == count, "\(firstMoment.count) first moments for \(count) weights")
    precondition(secondMoment.count == count, "\(secondMoment.count) second moments for \(count) weights")
    for index in 0..<count {
      let weight = weights[index]
      weights[index] = weight.addingProduct(-rate, lambStep(weight, firstMoment[index], secondMoment[index], rates))
    }
  }

  @inline(__always)
  private static func lambStep(_ weight: Float, _ mean: Float, _ square: Float, _ rates: AdamRates) -> Float {
    let scale = rates.epsilon.addingProduct(rates.secondMomentFactor, lockstep_sqrt(square))
    return (rates.stepSize * mean / scale).addingProduct(rates.weightDecay, weight)
  }
}
