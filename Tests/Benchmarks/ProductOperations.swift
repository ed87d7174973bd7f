import Buffers
import Kernels
import Layers
import Statistics

extension Model {
  /// Multiplications and additions of the matrix products and convolutions alone.
  func productOperations(rows: Int) -> (forward: Int, backward: Int) {
    let products = nodes.compactMap { node in node.layer.map { Self.operations($0, node.inputs[0], rows: rows) } }
    let forward = products.reduce(0, +)
    // Both gradients of a layer cost what its forward does; nobody asks for the gradient of data that are not learnt.
    return (forward, 2 * forward - (layout.tables.isEmpty ? products.first { $0 > 0 }! : 0))
  }

  /// Multiplications and additions of the matrix products and convolutions alone.
  private static func operations(_ layer: any Layer, _ input: Shape, rows: Int) -> Int {
    switch layer {
    case let dense as Dense: return 2 * rows * input.count * dense.width
    case let convolution as Convolution:
      guard let output = try? convolution.outputShape(for: input) else { return 0 }
      return 2 * rows * output.count * convolution.kernel * convolution.kernel * input[2]
    default: return 0
    }
  }
}

/// A plain product of square matrices that fit in cache: what the machine can do.
struct SquareProduct {
  private let size: Int
  private let (a, b, c): (Tensor, Tensor, Tensor)

  init(_ size: Int) {
    self.size = size
    (a, b, c) = (Tensor(Shape(size, size)), Tensor(Shape(size, size)), Tensor(Shape(size, size)))
    a.fill(1)
    b.fill(0.5)
  }

  var operations: Int { 2 * size * size * size }

  func multiply() throws {
    var result = c.buffer.mutableSpan
    try MatrixProduct.multiply(
      a.buffer.span, b.buffer.span, into: &result, rows: size, columns: size, inner: size)
  }

  /// Operations a second: the median of so many rounds, as a step's time is one of steps.
  func rate(rounds: Int) throws -> Double {
    let seconds = try (0..<rounds).map { _ in try ContinuousClock().measure { try multiply() } / .seconds(1) }
    return Double(operations) / Spread(seconds).median
  }
}
