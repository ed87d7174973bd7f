/// A function around a point: of what is added to it.
final class Displaced: DifferentiableFunction {
  private let function: any DifferentiableFunction
  private let center: [Double]
  private var point: [Double]

  init(_ function: any DifferentiableFunction, around center: [Double]) {
    precondition(
      center.count == function.count, "a point of \(center.count) numbers for a function of \(function.count)")
    self.function = function
    self.center = center
    point = center
  }

  var count: Int { center.count }

  func value(at displacement: [Double], gradient: inout [Double]) throws -> Double {
    for index in point.indices { point[index] = center[index] + displacement[index] }
    return try function.value(at: point, gradient: &gradient)
  }
}
