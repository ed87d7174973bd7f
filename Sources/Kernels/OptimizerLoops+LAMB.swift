import CVectorMath

extension OptimizerLoops {
  /// The numbers of one update by LAMB.
  public struct LAMBRates {
    /// 1 over the first moment's bias correction.
    public var firstMomentFactor: Float
    /// 1 over the square root of the second moment's bias correction.
    public var secondMomentFactor: Float
    /// 1 − β₁, from a wider number than a float, as what follows.
    public var oneMinusBeta1: Float
    /// β₂, the share of the second moment that stays.
    public var beta2: Float
    /// 1 − β₂.
    public var oneMinusBeta2: Float
    /// Added to the divisor, outside of the root.
    public var epsilon: Float
    /// λ: decay · w is part of the step.
    public var weightDecay: Float
    /// Every gradient is multiplied by it as it is read: clipping's factor, 1 without.
    public var gradientScale: Float

    /// All of them are for one update: they follow the number of updates and the clipping.
    public init(
      firstMomentFactor: Float, secondMomentFactor: Float, oneMinusBeta1: Float, beta2: Float, oneMinusBeta2: Float,
      epsilon: Float, weightDecay: Float, gradientScale: Float
    ) {
      self.firstMomentFactor = firstMomentFactor
      self.secondMomentFactor = secondMomentFactor
      self.oneMinusBeta1 = oneMinusBeta1
      self.beta2 = beta2
      self.oneMinusBeta2 = oneMinusBeta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.gradientScale = gradientScale
    }
  }

  /// The first half of an update: the moments take the gradient up, as Adam's do.
  ///
  /// - Returns: Σ w² and Σ r², in doubles, of the step r = m̂ ÷ (√v̂ + ε) + λ · w (You et al. 2020, algorithm 2).
  public static func lambMoments(
    _ weights: Span<Float>, gradients: Span<Float>, firstMoment: inout MutableSpan<Float>,
    secondMoment: inout MutableSpan<Float>, _ rates: LAMBRates
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
    _ rates: LAMBRates
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
  private static func lambStep(_ weight: Float, _ mean: Float, _ square: Float, _ rates: LAMBRates) -> Float {
    let scale = rates.epsilon.addingProduct(rates.secondMomentFactor, lockstep_sqrt(square))
    return (rates.firstMomentFactor * mean / scale).addingProduct(rates.weightDecay, weight)
  }
}
