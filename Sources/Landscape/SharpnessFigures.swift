import Foundation
import Training

/// How sharp the loss is around a point.
public struct SharpnessFigures: Encodable, Equatable, Sendable {
  /// f there: the mean loss of the training set.
  public var loss: Double
  /// ‖∇f‖₂ there.
  public var gradientNorm: Double
  /// For each ε, in the whole space and then in the subspace.
  public var keskar: [KeskarSharpness]
  /// Nil where it was not asked for.
  public var adaptive: AdaptiveSharpness?
  /// Nil where it was not asked for.
  public var topEigenvalue: TopEigenvalue?

  package init(
    loss: Double, gradientNorm: Double, keskar: [KeskarSharpness], adaptive: AdaptiveSharpness? = nil,
    topEigenvalue: TopEigenvalue? = nil
  ) {
    (self.loss, self.gradientNorm, self.keskar) = (loss, gradientNorm, keskar)
    (self.adaptive, self.topEigenvalue) = (adaptive, topEigenvalue)
  }
}

extension SharpnessFigures {
  /// Answers all of a question, in this order.
  ///
  /// - Parameter begin: told what comes next, in words.
  public static func measure(
    _ function: any DifferentiableFunction, at x: [Double], _ question: SharpnessQuestion,
    begin: (String) -> Void = { _ in }
  ) throws -> SharpnessFigures {
    var gradient = x
    let loss = try function.value(at: x, gradient: &gradient)
    var figures = SharpnessFigures(loss: loss, gradientNorm: gradient.length, keskar: [])
    let regions = question.regions(x)
    for region in regions {
      for epsilon in question.epsilons {
        begin("φ of ε \(epsilon), \(region.words)")
        figures.keskar.append(
          try .measure(
            function, at: x, in: region, epsilon: epsilon, iterations: question.iterations, seed: question.seed))
      }
    }
    if question.rho > 0 {
      begin("adaptive sharpness")
      figures.adaptive = try .measure(
        function, at: x, rho: question.rho, iterations: question.iterations, seed: question.seed)
    }
    if question.hessianIterations > 0 {
      begin("largest eigenvalue")
      figures.topEigenvalue = try .measure(
        function, at: x, iterations: question.hessianIterations, seed: question.seed)
    }
    return figures
  }
}

extension SharpnessQuestion {
  fileprivate func regions(_ x: [Double]) -> [KeskarSharpness.Region] {
    let whole: [KeskarSharpness.Region] = wholeSpace ? [.whole] : []
    guard subspace > 0, !epsilons.isEmpty else { return whole }
    return whole + [.init(RandomSubspace(count: x.count, dimensions: subspace, seed: seed), of: x)]
  }

  /// Whether it can be answered for so many weights.
  ///
  /// - Throws: `WholeSetFunction.Failure`.
  public func require(weights: Int) throws {
    if subspace > weights {
      throw WholeSetFunction.Failure(
        description: "a subspace of \(subspace) directions among \(weights) weights: give a smaller --subspace")
    }
    if wholeSpace, weights > BoundedQuasiNewton.mostVariables {
      throw WholeSetFunction.Failure(
        description:
          "L-BFGS-B takes \(BoundedQuasiNewton.mostVariables) variables at most, and there are \(weights) weights: "
          + "leave the whole space out with --subspace-only")
    }
  }

  /// The memory that answering takes on the rank that asks, besides the run's.
  public func memoryParts(weights: Int) -> [MemoryPart] {
    [
      MemoryPart(
        "L-BFGS-B", wholeSpace ? BoundedQuasiNewton.bytes(variables: weights) : 0,
        remedy: "leave the whole space out with --subspace-only"),
      MemoryPart(
        "directions of the subspace", RandomSubspace.bytes(count: weights, dimensions: subspace),
        remedy: "give a smaller --subspace"),
    ]
  }
}

extension KeskarSharpness.Region {
  fileprivate var words: String {
    switch self {
    case .whole: "whole space"
    case .subspace(let subspace, _): "\(subspace.dimensions) random directions"
    }
  }
}
