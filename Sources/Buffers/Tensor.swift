/// A dense row-major view of 32-bit floats in some `AlignedMemory`, which it keeps alive. Copying a tensor copies the
/// view, never the floats.
public struct Tensor: @unchecked Sendable {
  // Unchecked for the same reason as `AlignedMemory`.

  /// The bytes that it looks at, which others may share.
  public let memory: AlignedMemory
  /// In floats from the memory's start.
  public let offset: Int
  /// Dimensions of the view, outermost first.
  public let shape: Shape

  /// New memory of `shape`, zeroed.
  public init(_ shape: Shape) {
    self.init(memory: AlignedMemory(byteCount: shape.count * MemoryLayout<Float>.stride), offset: 0, shape: shape)
  }

  /// A view of memory that is there: `shape.count` floats from float `offset` on.
  public init(memory: AlignedMemory, offset: Int, shape: Shape) {
    precondition(
      offset >= 0 && (offset + shape.count) * MemoryLayout<Float>.stride <= memory.byteCount,
      "a view of \(shape) at float \(offset) does not fit in \(memory.byteCount) bytes")
    self.memory = memory
    self.offset = offset
    self.shape = shape
  }

  /// New memory with a copy of these values, row by row.
  public init(_ values: [Float], shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) values for shape \(shape)")
    self.init(shape)
    _ = buffer.update(fromContentsOf: values)
  }

  /// Floats of the view.
  public var count: Int { shape.count }

  /// The first float of the view; valid for as long as the memory's owner lives.
  public var pointer: UnsafeMutablePointer<Float> {
    memory.baseAddress.assumingMemoryBound(to: Float.self) + offset
  }

  /// For kernels: `tensor.buffer.span` reads and `var x = tensor.buffer.mutableSpan` writes, both bounds-checked.
  public var buffer: UnsafeMutableBufferPointer<Float> { .init(start: pointer, count: count) }

  /// A copy of the floats, row by row; for tests and records, since it allocates.
  public var values: [Float] { Array(buffer) }

  /// The first `rows` rows. Allocates nothing.
  public func rows(_ rows: Int) -> Tensor { .init(memory: memory, offset: offset, shape: shape.withRows(rows)) }

  /// The same floats in another shape with as many of them.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.count == count, "\(self.shape) cannot be seen as \(shape)")
    return .init(memory: memory, offset: offset, shape: shape)
  }

  /// A flat part of this view, in floats from its start.
  public func slice(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) floats")
    return .init(memory: memory, offset: offset + range.lowerBound, shape: Shape(range.count))
  }

  /// Sets every float of the view.
  public func fill(_ value: Float) { buffer.update(repeating: value) }

  /// Copies as many floats as both views have, whatever their shapes; the views may not overlap.
  public func copy(from other: Tensor) {
    precondition(other.count == count, "\(other.shape) copied into \(shape)")
    pointer.update(from: other.pointer, count: count)
  }
}
