/// A dense row-major view of 32-bit floats in some `AlignedMemory`, which it keeps alive. Copying a tensor copies the
/// view, never the floats.
public struct Tensor: @unchecked Sendable {
  // Unchecked for the same reason as `AlignedMemory`.

  public let memory: AlignedMemory
  /// In floats from the memory's start.
  public let offset: Int
  public let shape: Shape

  /// New memory of `shape`, zeroed.
  public init(_ shape: Shape) {
    self.init(memory: AlignedMemory(byteCount: shape.count * MemoryLayout<Float>.stride), offset: 0, shape: shape)
  }

  public init(memory: AlignedMemory, offset: Int, shape: Shape) {
    precondition(
      offset >= 0 && (offset + shape.count) * MemoryLayout<Float>.stride <= memory.byteCount,
      "a view of \(shape) at float \(offset) does not fit in \(memory.byteCount) bytes")
    self.memory = memory
    self.offset = offset
    self.shape = shape
  }

  public init(_ values: [Float], shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) values for shape \(shape)")
    self.init(shape)
    _ = buffer.update(fromContentsOf: values)
  }

  public var count: Int { shape.count }

  public var pointer: UnsafeMutablePointer<Float> {
    memory.baseAddress.assumingMemoryBound(to: Float.self) + offset
  }

  /// For kernels: `tensor.buffer.span` reads and `var x = tensor.buffer.mutableSpan` writes, both bounds-checked.
  public var buffer: UnsafeMutableBufferPointer<Float> { .init(start: pointer, count: count) }

  public var values: [Float] { Array(buffer) }

  /// The first `rows` rows. Allocates nothing.
  public func rows(_ rows: Int) -> Tensor { .init(memory: memory, offset: offset, shape: shape.withRows(rows)) }

  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.count == count, "\(self.shape) cannot be seen as \(shape)")
    return .init(memory: memory, offset: offset, shape: shape)
  }

  /// A flat part of this view, in floats from its start.
  public func slice(_ range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count) floats")
    return .init(memory: memory, offset: offset + range.lowerBound, shape: Shape(range.count))
  }

  public func fill(_ value: Float) { buffer.update(repeating: value) }

  public func copy(from other: Tensor) {
    precondition(other.count == count, "\(other.shape) copied into \(shape)")
    pointer.update(from: other.pointer, count: count)
  }
}
