/// Element by element.
public enum Arithmetic {
  /// y += x
  public static func add(_ x: Span<Float>, to y: inout MutableSpan<Float>) {
    precondition(x.count == y.count, "\(x.count) values added to \(y.count)")
    for index in x.indices { y[index] += x[index] }
  }

  /// z = x + y
  public static func add(_ x: Span<Float>, _ y: Span<Float>, into z: inout MutableSpan<Float>) {
    precondition(x.count == z.count && y.count == z.count, "\(x.count) and \(y.count) values added into \(z.count)")
    for index in x.indices { z[index] = x[index] + y[index] }
  }

  /// z = max(x + y, 0)
  public static func addThenRectify(_ x: Span<Float>, _ y: Span<Float>, into z: inout MutableSpan<Float>) {
    precondition(x.count == z.count && y.count == z.count, "\(x.count) and \(y.count) values added into \(z.count)")
    for index in x.indices { z[index] = Rectifier.value(x[index] + y[index]) }
  }

  /// y += factor · x
  public static func add(_ x: Span<Float>, times factor: Float, to y: inout MutableSpan<Float>) {
    precondition(x.count == y.count, "\(x.count) values added to \(y.count)")
    for index in x.indices { y[index] = y[index].addingProduct(factor, x[index]) }
  }

  /// y = x · factors
  public static func multiply(_ x: Span<Float>, _ factors: Span<Float>, into y: inout MutableSpan<Float>) {
    precondition(x.count == y.count && x.count == factors.count, "\(x.count), \(factors.count) and \(y.count) values")
    for index in x.indices { y[index] = x[index] * factors[index] }
  }

  /// y *= factors
  public static func multiply(_ y: inout MutableSpan<Float>, by factors: Span<Float>) {
    precondition(factors.count == y.count, "\(y.count) values by \(factors.count)")
    for index in factors.indices { y[index] *= factors[index] }
  }

  /// y *= factor
  public static func scale(_ y: inout MutableSpan<Float>, by factor: Float) {
    for index in y.indices { y[index] *= factor }
  }

  /// y = value, everywhere
  public static func fill(_ y: inout MutableSpan<Float>, with value: Float) {
    for index in y.indices { y[index] = value }
  }
}
