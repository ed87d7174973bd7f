/// A function that knows its value and gradient at one point, where several searches begin: that is computed once.
final class Remembered: DifferentiableFunction {
  private let function: any DifferentiableFunction
  private let point: [Double]
  private let value: Double
  private let gradient: [Double]

  /// Computes them.
  init(_ function: any DifferentiableFunction, at point: [Double]) throws {
    self.function = function
    self.point = point
    var gradient = point
    value = try function.value(at: point, gradient: &gradient)
    self.gradient = gradient
  }

  var count: Int { function.count }

  func value(at other: [Double], gradient: inout [Double]) throws -> Double {
    guard other == point else { return try function.value(at: other, gradient: &gradient) }
    gradient = self.gradient
    return value
  }
}
