import Buffers

/// What the memory of a bound layer depends on, besides what it learns.
public struct LayerExtent {
  /// Per sample.
  public let input: Shape
  /// Per sample.
  public let output: Shape
  public let maximumRows: Int
  /// Somebody asks for the gradient of the input.
  public let needsInputGradient: Bool
  public let goesBackward: Bool

  /// Bytes of a float for each of so many numbers, for every row. In doubles, as all sums of bytes of what may be far too
  /// large: they do not overflow.
  public func bytes(perRow floats: Int) -> Double { Self.bytes(rows: maximumRows, floats) }

  static func bytes(rows: Int, _ floats: Int) -> Double {
    Double(rows) * Double(floats) * Double(MemoryLayout<Float>.stride)
  }
}

extension Chain {
  /// Bytes that binding takes besides parameters and their gradients; see `BoundChain`.
  func workingBytes(rows: Int, needsInputGradient: Bool, goesBackward: Bool) -> Double {
    let stages = Stage.plan(self)
    let layers = stages.enumerated().reduce(0.0) { sum, stage in
      let extent = LayerExtent(
        input: stage.element.input, output: stage.element.output, maximumRows: rows,
        needsInputGradient: stage.offset > 0 || needsInputGradient, goesBackward: goesBackward)
      return sum + stage.element.layer.workingBytes(extent) + extent.bytes(perRow: stage.element.output.count)
    }
    guard goesBackward else { return layers }
    let between = stages.dropLast()
    return layers
      + (0..<2).reduce(0) { sum, parity in
        let largest = between.indices.filter { $0 % 2 == parity }.map { between[$0].output.count }.max() ?? 0
        return sum + LayerExtent.bytes(rows: rows, largest)
      }
  }
}

extension Model {
  /// Bytes of a network on so many rows, besides parameters and their gradients: activations and what layers remember.
  public func workingBytes(rows: Int, goesBackward: Bool) -> Double {
    let outputs = LayerExtent.bytes(rows: rows, output.count)
    return chain.workingBytes(rows: rows, needsInputGradient: false, goesBackward: goesBackward)
      + loss.workingBytes(outputs: output, maximumRows: rows) + (goesBackward ? outputs : 0)
  }
}
