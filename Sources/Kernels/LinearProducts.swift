import Buffers

/// The three products of y = x·W for row-major matrices, with the scratch that their precision takes: y `[samples, outputs]`,
/// dW = xᵀ·dy `[inputs, outputs]` and dx = dy·Wᵀ `[samples, inputs]`.
///
/// The gradients are those of the last `forward`: x, W and dy come again unchanged.
public protocol LinearProducts: AnyObject {
  /// Writes y. Throws `OneDNNError` where oneDNN fails, as all others.
  func forward(_ x: Tensor, _ weight: Tensor, into y: inout MutableSpan<Float>) throws(OneDNNError)

  /// To be called with dy before the gradients of a `forward`.
  func takeGradient(_ dy: Tensor)

  /// Writes some rows of dW, or adds to them.
  func weightGradient(
    _ x: Tensor, _ dy: Tensor, rows: Range<Int>, into gradient: inout MutableSpan<Float>, accumulates: Bool
  ) throws(OneDNNError)

  /// Writes dx, or adds to it.
  func inputGradient(
    _ dy: Tensor, _ weight: Tensor, into gradient: inout MutableSpan<Float>, accumulates: Bool
  ) throws(OneDNNError)
}

/// The sizes of a layer's products.
public struct LinearShape: Sendable {
  /// Numbers of a sample that go in.
  public let inputs: Int
  /// Numbers of a sample that come out.
  public let outputs: Int
  /// The most samples that one call brings.
  public let maximumRows: Int
  /// Whether gradients are asked for.
  public let goesBackward: Bool

  /// Every part is a count of numbers or samples.
  public init(_ inputs: Int, _ outputs: Int, _ maximumRows: Int, _ goesBackward: Bool) {
    self.inputs = inputs
    self.outputs = outputs
    self.maximumRows = maximumRows
    self.goesBackward = goesBackward
  }

  /// Of both factors and, where there is one, the gradient.
  fileprivate var factorNumbers: Double {
    let rows = Double(maximumRows)
    return Double(inputs) * Double(outputs) + rows * Double(inputs) + (goesBackward ? rows * Double(outputs) : 0)
  }

  /// On the caller's memory for floats; on copies of the factors for others.
  ///
  /// - Parameter weightIsFixed: W stays as it is from the first `forward` on: it is copied once.
  public func products(_ precision: ProductPrecision, weightIsFixed: Bool = false) -> any LinearProducts {
    switch precision {
    case .float32: FloatProducts(self)
    case .bfloat16(.rounded): RoundedProducts(self, weightIsFixed: weightIsFixed)
    case .bfloat16(.native): NativeProducts(self, weightIsFixed: weightIsFixed)
    }
  }

  /// Bytes that `products` makes room for.
  public func scratchBytes(_ precision: ProductPrecision) -> Double {
    precision.scratchBytes(factorNumbers)
  }
}

/// Of floats as they are.
private final class FloatProducts: LinearProducts {
  private let shape: LinearShape

  init(_ shape: LinearShape) { self.shape = shape }

  private func samples(_ x: Tensor) -> Int { x.count / shape.inputs }

  func forward(_ x: Tensor, _ weight: Tensor, into y: inout MutableSpan<Float>) throws(OneDNNError) {
    try MatrixProduct.multiply(
      x.buffer.span, weight.buffer.span, into: &y, rows: samples(x), columns: shape.outputs, inner: shape.inputs)
  }

  func takeGradient(_ dy: Tensor) {}

  func weightGradient(
    _ x: Tensor, _ dy: Tensor, rows: Range<Int>, into gradient: inout MutableSpan<Float>, accumulates: Bool
  ) throws(OneDNNError) {
    try MatrixProduct.multiply(
      x.buffer.span, dy.buffer.span, into: &gradient, rows: rows, of: shape.inputs, columns: shape.outputs,
      inner: samples(x), form: .transposedLeft, accumulates: accumulates)
  }

  func inputGradient(
    _ dy: Tensor, _ weight: Tensor, into gradient: inout MutableSpan<Float>, accumulates: Bool
  ) throws(OneDNNError) {
    try MatrixProduct.multiply(
      dy.buffer.span, weight.buffer.span, into: &gradient, rows: dy.count / shape.outputs, columns: shape.inputs,
      inner: shape.outputs, form: .transposedRight, accumulates: accumulates)
  }
}

/// Of floats that have been rounded.
private final class RoundedProducts: LinearProducts {
  private let inner: FloatProducts
  /// `[maximumRows, inputs]`
  private let x: Tensor
  /// `[inputs, outputs]`
  private let weight: Tensor
  /// `[maximumRows, outputs]`; nil where no gradient is asked for.
  private let dy: Tensor?
  private let weightIsFixed: Bool
  private var hasWeight = false

  init(_ shape: LinearShape, weightIsFixed: Bool) {
    self.weightIsFixed = weightIsFixed
    inner = FloatProducts(shape)
    x = Tensor(Shape(shape.maximumRows, shape.inputs))
    weight = Tensor(Shape(shape.inputs, shape.outputs))
    dy = shape.goesBackward ? Tensor(Shape(shape.maximumRows, shape.outputs)) : nil
  }

  private func round(_ values: Tensor, into scratch: Tensor) -> Tensor {
    let target = scratch.slice(0..<values.count)
    var span = target.buffer.mutableSpan
    NarrowFloat.roundToBFloat16(values.buffer.span, into: &span)
    return target
  }

  func forward(_ x: Tensor, _ weight: Tensor, into y: inout MutableSpan<Float>) throws(OneDNNError) {
    if !hasWeight { _ = round(weight, into: self.weight) }
    hasWeight = weightIsFixed
    try inner.forward(round(x, into: self.x), self.weight, into: &y)
  }

  func takeGradient(_ dy: Tensor) { _ = round(dy, into: self.dy!) }

  func weightGradient(
    _ x: Tensor, _ dy: Tensor, rows: Range<Int>, into gradient: inout MutableSpan<Float>, accumulates: Bool
  ) throws(OneDNNError) {
    try inner.weightGradient(
      self.x.slice(0..<x.count), self.dy!.slice(0..<dy.count), rows: rows, into: &gradient, accumulates: accumulates)
  }

  func inputGradient(
    _ dy: Tensor, _ weight: Tensor, into gradient: inout MutableSpan<Float>, accumulates: Bool
  ) throws(OneDNNError) {
    try inner.inputGradient(self.dy!.slice(0..<dy.count), self.weight, into: &gradient, accumulates: accumulates)
  }
}
