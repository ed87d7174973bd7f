/// A function of many numbers that has a gradient, such as a loss of its weights.
public protocol DifferentiableFunction: AnyObject {
  /// The numbers that it is a function of.
  var count: Int { get }

  /// Its value at a point of `count` numbers; writes its gradient there, which has room for as many. A value that is not
  /// finite is an answer, whose gradient means nothing.
  func value(at point: [Double], gradient: inout [Double]) throws -> Double
}
