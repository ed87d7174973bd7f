/// A function around a point, in a subspace: of y, at center + A y.
final class InSubspace: DifferentiableFunction {
  private let function: any DifferentiableFunction
  private let center: [Double]
  private let subspace: RandomSubspace
  private var fullGradient: [Double]

  init(_ function: any DifferentiableFunction, around center: [Double], _ subspace: RandomSubspace) {
    self.function = function
    self.center = center
    self.subspace = subspace
    fullGradient = center
  }

  var count: Int { subspace.dimensions }

  func value(at y: [Double], gradient: inout [Double]) throws -> Double {
    var point = center
    subspace.add(y, to: &point)
    let value = try function.value(at: point, gradient: &fullGradient)
    gradient = subspace.transposed(fullGradient)
    return value
  }
}
