import Buffers

/// The exclusive right to a stretch of memory, for as long as MPI may read or write it: a non-blocking call consumes the
/// lease and `wait()` gives it back, so that using the memory in between does not compile. Keeps the memory alive.
public struct Lease<Element: MessageElement>: ~Copyable {
  @usableFromInline let pointer: UnsafeMutablePointer<Element>
  /// Elements of the buffer.
  public let count: Int
  @usableFromInline let owner: AnyObject

  /// Whoever makes a lease on memory that has other views promises not to use those while a request holds the lease.
  @inlinable
  public init(_ buffer: UnsafeMutableBufferPointer<Element>, owner: AnyObject) {
    precondition(buffer.baseAddress != nil || buffer.isEmpty, "a lease on no memory")
    pointer = buffer.baseAddress ?? UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment)!
    count = buffer.count
    self.owner = owner
  }

  /// New memory with these values.
  @inlinable
  public init(_ values: [Element]) {
    let memory = AlignedMemory(byteCount: values.count * MemoryLayout<Element>.stride)
    let pointer = memory.baseAddress.bindMemory(to: Element.self, capacity: values.count)
    values.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { pointer.initialize(from: start, count: source.count) }
    }
    self.init(UnsafeMutableBufferPointer(start: pointer, count: values.count), owner: memory)
  }

  /// A copy of the elements.
  @inlinable
  public var values: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Lends the elements for reading.
  @inlinable
  public func withSpan<Result: ~Copyable>(_ body: (Span<Element>) throws -> Result) rethrows -> Result {
    try body(UnsafeBufferPointer(start: pointer, count: count).span)
  }

  /// Lends the elements for writing.
  @inlinable
  public mutating func withMutableSpan<Result: ~Copyable>(
    _ body: (consuming MutableSpan<Element>) throws -> Result
  ) rethrows -> Result {
    try body(UnsafeMutableBufferPointer(start: pointer, count: count).mutableSpan)
  }
}

extension Lease where Element == Float {
  /// The tensor and all views that overlap it must be left alone while a request holds the lease. Allocates nothing.
  @inlinable
  public init(_ tensor: Tensor) { self.init(tensor.buffer, owner: tensor.memory) }
}

/// The buffers that a non-blocking call reads and writes, given back together.
@frozen
public struct LeasePair<Element: MessageElement>: ~Copyable {
  /// The elements that this rank hands over.
  public var send: Lease<Element>
  /// The elements that come in.
  public var receive: Lease<Element>

  /// Two buffers for one operation.
  @inlinable
  public init(send: consuming Lease<Element>, receive: consuming Lease<Element>) {
    self.send = send
    self.receive = receive
  }
}
