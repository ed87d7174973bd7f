import CVectorMath

extension OptimizerLoops {
  /// w ← w + scale · t² · g, where t = |w| + floor.
  public static func climbAdaptively(
    _ weights: inout MutableSpan<Float>, gradients: Span<Float>, scale: Float, floor: Float
  ) {
    let count = weights.count
    precondition(gradients.count == count, "\(gradients.count) gradients for \(count) weights")
    for index in 0..<count {
      let weight = weights[index]
      let size = abs(weight) + floor
      weights[index] = weight.addingProduct(scale * size * size, gradients[index])
    }
  }

  /// Σ (t · g)², where t = |w| + floor, in doubles.
  public static func sumOfSquares(_ gradients: Span<Float>, timesSizesOf weights: Span<Float>, floor: Float) -> Double {
    let count = gradients.count
    precondition(weights.count == count, "\(count) gradients for \(weights.count) weights")
    var sum = 0.0
    for index in 0..<count {
      let value = Double(abs(weights[index]) + floor) * Double(gradients[index])
      sum = lockstep_reassociable_add_double(sum, value * value)
    }
    return sum
  }
}
