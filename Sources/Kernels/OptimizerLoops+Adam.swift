import CVectorMath

extension OptimizerLoops {
  /// The numbers of one update by Adam or AdamW. They differ only in where decay acts: Adam sets `weightDecay`, AdamW
  /// sets `shrinkage`.
  public struct AdamRates {
    /// The learning rate over the first moment's bias correction.
    public var stepSize: Float
    /// 1 over the square root of the second moment's bias correction.
    public var secondMomentFactor: Float
    /// 1 − beta1 and 1 − beta2, from wider numbers than floats: 1 − Float(0.999) has lost five digits.
    public var oneMinusBeta1: Float
    /// β₂, the share of the second moment that stays.
    public var beta2: Float
    /// 1 − β₂, from a wider number than a float.
    public var oneMinusBeta2: Float
    /// Added to the divisor, outside of the root.
    public var epsilon: Float
    /// L2: added to the gradient as `weightDecay` · weight.
    public var weightDecay: Float
    /// Decoupled decay: what each weight is multiplied by, 1 − rate · decay.
    public var shrinkage: Float
    /// Every gradient is multiplied by it as it is read: clipping's factor, 1 without.
    public var gradientScale: Float

    /// All of them are for one update: they follow the number of updates and the schedule.
    public init(
      stepSize: Float, secondMomentFactor: Float, oneMinusBeta1: Float, beta2: Float, oneMinusBeta2: Float,
      epsilon: Float, weightDecay: Float, shrinkage: Float, gradientScale: Float
    ) {
      self.stepSize = stepSize
      self.secondMomentFactor = secondMomentFactor
      self.oneMinusBeta1 = oneMinusBeta1
      self.beta2 = beta2
      self.oneMinusBeta2 = oneMinusBeta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.shrinkage = shrinkage
      self.gradientScale = gradientScale
    }
  }

  /// g = scale · gradient + decay · w; m ← m + (1 − β₁)(g − m); v ← β₂ v + (1 − β₂) g²;
  /// w ← shrinkage · w − step · m / (factor · √v + ε). Kingma and Ba 2015; Loshchilov and Hutter 2019.
  public static func adam(
    _ weights: inout MutableSpan<Float>, gradients: Span<Float>, firstMoment: inout MutableSpan<Float>,
    secondMoment: inout MutableSpan<Float>, _ rates: AdamRates
  ) {
    let count = weights.count
    precondition(gradients.count == count, "\(gradients.count) gradients for \(count) weights")
    precondition(firstMoment.count == count, "\(firstMoment.count) first moments for \(count) weights")
    precondition(secondMoment.count == count, "\(secondMoment.count) second moments for \(count) weights")
    for index in 0..<count {
      let weight = weights[index]
      let gradient = (rates.gradientScale * gradients[index]).addingProduct(rates.weightDecay, weight)
      let mean = firstMoment[index].addingProduct(rates.oneMinusBeta1, gradient - firstMoment[index])
      let square = (rates.beta2 * secondMoment[index]).addingProduct(rates.oneMinusBeta2 * gradient, gradient)
      firstMoment[index] = mean
      secondMoment[index] = square
      let scale = rates.epsilon.addingProduct(rates.secondMomentFactor, lockstep_sqrt(square))
      weights[index] = (rates.shrinkage * weight).addingProduct(-rates.stepSize, mean / scale)
    }
  }
}
