/// An optimiser's work on a stretch of an arena: one loop each, every number read once and written once, so memory is
/// the limit. Lengths must agree. A zero (padding) with a zero gradient and zero state stays zero.
///
/// `gradientScale` multiplies each gradient as it is read: clipping costs no pass of its own.
public enum OptimizerLoops {
  /// The numbers of one update by stochastic gradient descent.
  public struct DescentRates {
    /// Multiplies gradient or velocity.
    public var learningRate: Float
    /// The share of the velocity that stays, from 0 to below 1.
    public var momentum: Float
    /// L2: added to the gradient as `weightDecay` · weight.
    public var weightDecay: Float
    /// Every gradient is multiplied by it as it is read: clipping's factor, 1 without.
    public var gradientScale: Float

    /// All of them are for one update: rate and clipping change from one to the next.
    public init(learningRate: Float, momentum: Float, weightDecay: Float, gradientScale: Float) {
      self.learningRate = learningRate
      self.momentum = momentum
      self.weightDecay = weightDecay
      self.gradientScale = gradientScale
    }
  }

  /// w ← w − rate · (scale · g + decay · w). Ignores `momentum`.
  public static func descend(_ weights: inout MutableSpan<Float>, gradients: Span<Float>, _ rates: DescentRates) {
    let count = weights.count
    precondition(gradients.count == count, "\(gradients.count) gradients for \(count) weights")
    for index in 0..<count {
      let weight = weights[index]
      let gradient = (rates.gradientScale * gradients[index]).addingProduct(rates.weightDecay, weight)
      weights[index] = weight.addingProduct(-rates.learningRate, gradient)
    }
  }

  /// v ← momentum · v + (scale · g + decay · w); w ← w − rate · v.
  public static func descendWithMomentum(
    _ weights: inout MutableSpan<Float>, gradients: Span<Float>, velocity: inout MutableSpan<Float>,
    _ rates: DescentRates
  ) {
    let count = weights.count
    precondition(gradients.count == count, "\(gradients.count) gradients for \(count) weights")
    precondition(velocity.count == count, "\(velocity.count) velocities for \(count) weights")
    for index in 0..<count {
      let weight = weights[index]
      let gradient = (rates.gradientScale * gradients[index]).addingProduct(rates.weightDecay, weight)
      let speed = gradient.addingProduct(rates.momentum, velocity[index])
      velocity[index] = speed
      weights[index] = weight.addingProduct(-rates.learningRate, speed)
    }
  }

  /// As `descendWithMomentum`, but w ← w − rate · (gradient + momentum · v), with the new v.
  public static func descendWithNesterov(
    _ weights: inout MutableSpan<Float>, gradients: Span<Float>, velocity: inout MutableSpan<Float>,
    _ rates: DescentRates
  ) {
    let count = weights.count
    precondition(gradients.count == count, "\(gradients.count) gradients for \(count) weights")
    precondition(velocity.count == count, "\(velocity.count) velocities for \(count) weights")
    for index in 0..<count {
      let weight = weights[index]
      let gradient = (rates.gradientScale * gradients[index]).addingProduct(rates.weightDecay, weight)
      let speed = gradient.addingProduct(rates.momentum, velocity[index])
      velocity[index] = speed
      weights[index] = weight.addingProduct(-rates.learningRate, gradient.addingProduct(rates.momentum, speed))
    }
  }
}
