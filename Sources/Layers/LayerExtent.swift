import Buffers
import Kernels

/// The sizes on which the memory of a bound layer depends, besides what it learns.
public struct LayerExtent {
  /// Per sample.
  public let input: Shape
  /// Per sample.
  public let output: Shape
  /// The most rows that one call will bring.
  public let maximumRows: Int
  /// Somebody asks for the gradient of the input.
  public let needsInputGradient: Bool
  /// False where only evaluation is asked for.
  public let goesBackward: Bool
  /// Of products and convolutions.
  public let precision: ProductPrecision

  /// Bytes of a float for each of so many numbers, for every row. In doubles, as all sums of bytes of what may be far too
  /// large: they do not overflow.
  public func bytes(perRow floats: Int) -> Double { Self.bytes(rows: maximumRows, floats) }

  static func bytes(rows: Int, _ floats: Int) -> Double {
    Double(rows) * Double(floats) * Double(MemoryLayout<Float>.stride)
  }
}

extension Model {
  /// Bytes of a network on so many rows, besides parameters and their gradients: activations and what layers remember.
  public func workingBytes(rows: Int, goesBackward: Bool) -> Double {
    let outputs = LayerExtent.bytes(rows: rows, output.count)
    return NetworkPlan(graph, goesBackward: goesBackward, precision).workingBytes(rows: rows)
      + loss.workingBytes(outputs: output, maximumRows: rows) + (goesBackward ? outputs : 0)
  }
}
