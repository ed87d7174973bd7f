internal import CMPI

extension Communicator {
  /// Combines the ranks' values element by element and leaves block r of the result on rank r. Blocks are equal:
  /// `values` holds `size` times as many elements as `result`. MPI 3.1 §5.10.1. Throws `MPIError`.
  @inlinable
  public func reduceScatter<Element: MessageElement>(
    _ values: Span<Element>, into result: consuming MutableSpan<Element>, _ reduction: Reduction
  ) throws {
    let count = result.count
    precondition(values.count == count * size, "reduce-scatter of \(values.count) elements into \(size) × \(count)")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try reduceScatterRaw(values.baseAddress, result.baseAddress, count, Element.datatype, reduction)
      }
    }
  }

  /// As the equal form, with blocks of any length. MPI 3.1 §5.10.2. Throws `MPIError`.
  @inlinable
  public func reduceScatter<Element: MessageElement>(
    _ values: Span<Element>, into result: consuming MutableSpan<Element>, _ blocks: Blocks, _ reduction: Reduction
  ) throws {
    precondition(
      values.count == blocks.total, "reduce-scatter of \(values.count) elements in blocks of \(blocks.total)")
    precondition(result.count == blocks.counts[rank], "\(result.count) elements for a block of \(blocks.counts[rank])")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try reduceScatterRaw(values.baseAddress, result.baseAddress, blocks, Element.datatype, reduction)
      }
    }
  }

  /// MPI 3.1 §5.12.9. Throws `MPIError`.
  @inlinable
  public func startReduceScatter<Element: MessageElement>(
    _ values: consuming Lease<Element>, into result: consuming Lease<Element>, _ reduction: Reduction
  ) throws -> InFlight<LeasePair<Element>> {
    precondition(values.count == result.count * size, "\(values.count) elements into \(size) × \(result.count)")
    let request = try startReduceScatterRaw(
      values.pointer, result.pointer, result.count, Element.datatype, reduction)
    return InFlight(request, LeasePair(send: values, receive: result))
  }

  @usableFromInline
  func reduceScatterRaw(
    _ values: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: Int, _ type: Datatype,
    _ reduction: Reduction
  ) throws {
    let count = try whole(count, "MPI_Reduce_scatter_block")
    try check(
      MPI_Reduce_scatter_block(values, result, count, type.handle.handle, reduction.handle.handle, comm.handle),
      "MPI_Reduce_scatter_block", bytes: 0)
  }

  @usableFromInline
  func reduceScatterRaw(
    _ values: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ blocks: Blocks, _ type: Datatype,
    _ reduction: Reduction
  ) throws {
    try check(
      MPI_Reduce_scatter(values, result, blocks.counts32, type.handle.handle, reduction.handle.handle, comm.handle),
      "MPI_Reduce_scatter", bytes: 0)
  }

  @usableFromInline
  func startReduceScatterRaw(
    _ values: UnsafeRawPointer, _ result: UnsafeMutableRawPointer, _ count: Int, _ type: Datatype,
    _ reduction: Reduction
  ) throws -> Request {
    let count = try whole(count, "MPI_Ireduce_scatter_block")
    return try Request("MPI_Ireduce_scatter_block", self, bytes: 0) {
      MPI_Ireduce_scatter_block(
        values, result, count, type.handle.handle, reduction.handle.handle, comm.handle, &$0.handle)
    }
  }
}
