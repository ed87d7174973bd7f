import Buffers
import Foundation
import Kernels

/// Multinomial logistic regression of labels on standardised representations that stay as they are: what a single layer can
/// read off them (the linear evaluation of SimCLR). Minimises the mean cross-entropy + penalty ÷ 2 · ‖weights‖², biases free.
///
/// The problem is convex and is solved on all samples at once: by steps that a matrix above every Hessian scales, which
/// therefore need no rate (Böhning, "Multinomial logistic regression algorithm", AISM 1992), with Nesterov's momentum, begun
/// anew where it leads uphill (O'Donoghue and Candès, FoCM 2015).
package struct LinearProbe {
  /// `[width]` each: of the samples that it was fitted to.
  private let means: [Float]
  private let inverseDeviations: [Float]
  /// `[width + 1, classes]`, biases last.
  package let weights: Tensor
  /// L2's factor.
  package let penalty: Double

  /// Arrays of all references and their representations that a fit holds at a time, about.
  static let copies = 4
  /// Ascending.
  private static let penalties = [1e-4, 1e-3, 1e-2, 1e-1]
  /// A part of one in so many, to choose the penalty by.
  private static let heldOut = 5
  private static let mostSteps = 300
  /// Nats: when the next step would gain less, it is over.
  private static let tolerance = 1e-6

  /// Fitted with the penalty that does best on a fifth of the samples, the last ones, when fitted to the others; of equal ones
  /// the largest. Throws `OneDNNError`.
  ///
  /// - Parameter samples: in an order that is none.
  package init(_ samples: Representations, classes: Int) throws {
    let kept = samples.count - samples.count / Self.heldOut
    let (fitted, held) = (samples[0..<kept], samples[kept..<samples.count])
    var (best, mostRight) = (Self.penalties.last!, -1)
    for penalty in Self.penalties.reversed() where held.count > 0 {
      let right = try LinearProbe(fitted, classes: classes, penalty: penalty).countRight(held)
      if right > mostRight { (best, mostRight) = (penalty, right) }
    }
    try self.init(samples, classes: classes, penalty: best)
  }

  /// Throws `OneDNNError`.
  package init(_ samples: Representations, classes: Int, penalty: Double) throws {
    precondition(samples.count > 0, "a probe of no samples")
    (means, inverseDeviations) = samples.scales
    self.penalty = penalty
    let inputs = Self.standardized(samples, means, inverseDeviations)
    weights = try Self.minimize(inputs, samples.labels, classes, penalty)
  }

  /// Samples whose label has the highest score. Throws `OneDNNError`.
  package func countRight(_ samples: Representations) throws -> Int {
    guard samples.count > 0 else { return 0 }
    let classes = weights.shape[1]
    let inputs = Self.standardized(samples, means, inverseDeviations)
    let scores = Tensor(Shape(samples.count, classes))
    var values = scores.buffer.mutableSpan
    try MatrixProduct.multiply(
      inputs.buffer.span, weights.buffer.span, into: &values, rows: samples.count, columns: classes,
      inner: inputs.shape[1])
    let probabilities = Tensor(scores.shape)
    var results = probabilities.buffer.mutableSpan
    return Softmax.crossEntropy(
      scores.buffer.span, labels: samples.labels.span, classes: classes, probabilities: &results
    ).correct
  }

  /// `[samples, width + 1]`, with a 1 at the end for the bias.
  private static func standardized(_ samples: Representations, _ means: [Float], _ inverse: [Float]) -> Tensor {
    let width = samples.width
    let result = Tensor(Shape(samples.count, width + 1))
    for row in 0..<samples.count {
      let (source, target) = (samples.rows.pointer + row * width, result.pointer + row * (width + 1))
      for index in 0..<width { target[index] = (source[index] - means[index]) * inverse[index] }
      target[width] = 1
    }
    return result
  }
}

// Minimisation. N samples, inputs X [N, W], weights V [W, C].

extension LinearProbe {
  private static func minimize(
    _ inputs: Tensor, _ labels: [Int32], _ classes: Int, _ penalty: Double
  ) throws -> Tensor {
    let width = inputs.shape[1]
    let bound = try inverseBound(inputs, penalty)
    let problem = Problem(inputs: inputs, labels: labels, classes: classes, penalty: Float(penalty))
    let (weights, ahead) = (Tensor(Shape(width, classes)), Tensor(Shape(width, classes)))
    let (gradient, step) = (Tensor(weights.shape), Tensor(weights.shape))
    var momentum: Float = 0
    for _ in 0..<mostSteps {
      try problem.writeGradient(at: ahead, into: gradient)
      var scaled = step.buffer.mutableSpan
      try MatrixProduct.multiply(
        bound.buffer.span, gradient.buffer.span, into: &scaled, rows: width, columns: classes, inner: width)
      let gain = zip(gradient.buffer, step.buffer).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      guard gain / 2 > tolerance else { break }
      momentum += 1
      if advance(weights, ahead, gradient, step, momentum / (momentum + 3)) > 0 { momentum = 0 }
    }
    return weights
  }

  /// A step from `ahead`, and beyond it.
  ///
  /// - Returns: more than 0 where the way from the last weights to the new ones leads uphill; momentum is then left out.
  private static func advance(
    _ weights: Tensor, _ ahead: Tensor, _ gradient: Tensor, _ step: Tensor, _ momentum: Float
  ) -> Double {
    var slope = 0.0
    for index in 0..<weights.count {
      let moved = ahead.buffer[index] - step.buffer[index] - weights.buffer[index]
      slope += Double(gradient.buffer[index]) * Double(moved)
    }
    for index in 0..<weights.count {
      let new = ahead.buffer[index] - step.buffer[index]
      ahead.buffer[index] = slope > 0 ? new : new + momentum * (new - weights.buffer[index])
      weights.buffer[index] = new
    }
    return slope
  }

  /// The inverse of XᵀX ÷ 2N + penalty, `[W, W]`: half of XᵀX is above every Hessian of the cross-entropy, class by class.
  private static func inverseBound(_ inputs: Tensor, _ penalty: Double) throws -> Tensor {
    let (count, width) = (inputs.shape[0], inputs.shape[1])
    let products = Tensor(Shape(width, width))
    var values = products.buffer.mutableSpan
    try MatrixProduct.multiply(
      inputs.buffer.span, inputs.buffer.span, into: &values, rows: width, columns: width, inner: count,
      form: .transposedLeft)
    var bound = products.buffer.map { Double($0) / Double(2 * count) }
    for index in 0..<width - 1 { bound[index * width + index] += penalty }
    return Tensor(PositiveDefinite.inverse(bound, order: width).map { Float($0) }, shape: products.shape)
  }

  /// The objective's gradient, on memory that is made once.
  private struct Problem {
    let inputs: Tensor
    let labels: [Int32]
    let classes: Int
    let penalty: Float
    let scores: Tensor
    let probabilities: Tensor

    init(inputs: Tensor, labels: [Int32], classes: Int, penalty: Float) {
      self.inputs = inputs
      self.labels = labels
      self.classes = classes
      self.penalty = penalty
      scores = Tensor(Shape(labels.count, classes))
      probabilities = Tensor(scores.shape)
    }

    func writeGradient(at weights: Tensor, into gradient: Tensor) throws {
      let (count, width) = (inputs.shape[0], inputs.shape[1])
      var values = scores.buffer.mutableSpan
      try MatrixProduct.multiply(
        inputs.buffer.span, weights.buffer.span, into: &values, rows: count, columns: classes, inner: width)
      var results = probabilities.buffer.mutableSpan
      _ = Softmax.crossEntropy(scores.buffer.span, labels: labels.span, classes: classes, probabilities: &results)
      Softmax.crossEntropyGradient(
        probabilities: probabilities.buffer.span, labels: labels.span, classes: classes, factor: 1 / Float(count),
        into: &values)
      var sums = gradient.buffer.mutableSpan
      try MatrixProduct.multiply(
        inputs.buffer.span, scores.buffer.span, into: &sums, rows: width, columns: classes, inner: count,
        form: .transposedLeft)
      for index in 0..<(width - 1) * classes { gradient.buffer[index] += penalty * weights.buffer[index] }
    }
  }
}

extension Representations {
  /// For each of the width's numbers its mean, and one over its standard deviation; 0 for one that is always the same.
  fileprivate var scales: (means: [Float], inverseDeviations: [Float]) {
    var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for row in 0..<count {
      for index in 0..<width { sums[index] += Double(rows.pointer[row * width + index]) }
    }
    let means = sums.map { $0 / Double(count) }
    for row in 0..<count {
      for index in 0..<width {
        let distance = Double(rows.pointer[row * width + index]) - means[index]
        squares[index] += distance * distance
      }
    }
    let inverse = squares.map { $0 > 0 ? Float((Double(count) / $0).squareRoot()) : 0 }
    return (means.map { Float($0) }, inverse)
  }
}
