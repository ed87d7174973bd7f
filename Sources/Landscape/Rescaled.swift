/// A function around a point, each coordinate in its own unit: of u, at center + unit · u.
final class Rescaled: DifferentiableFunction {
  private let function: any DifferentiableFunction
  private let center: [Double]
  private let units: [Double]
  private var point: [Double]

  init(_ function: any DifferentiableFunction, around center: [Double], units: [Double]) {
    self.function = function
    self.center = center
    self.units = units
    point = center
  }

  var count: Int { center.count }

  func value(at place: [Double], gradient: inout [Double]) throws -> Double {
    for index in point.indices { point[index] = center[index] + units[index] * place[index] }
    let value = try function.value(at: point, gradient: &gradient)
    for index in gradient.indices { gradient[index] *= units[index] }
    return value
  }
}
