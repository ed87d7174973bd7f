internal import CMPI

extension Communicator {
  /// Combines the ranks' values element by element and leaves the result on every rank; equal counts everywhere. MPI
  /// 3.1 §5.9.6, in place. Throws `MPIError`.
  @inlinable
  public func allReduce<Element: MessageElement>(
    inPlace values: consuming MutableSpan<Element>, _ reduction: Reduction
  ) throws {
    let count = values.count
    try values.withUnsafeMutableBytes { try allReduceRaw(nil, $0.baseAddress, count, Element.datatype, reduction) }
  }

  /// As `allReduce(inPlace:)`, with the result in `result`. MPI 3.1 §5.9.6. Throws `MPIError`.
  @inlinable
  public func allReduce<Element: MessageElement>(
    _ values: Span<Element>, into result: consuming MutableSpan<Element>, _ reduction: Reduction
  ) throws {
    let count = values.count
    precondition(result.count == count, "all-reduce of \(count) elements into \(result.count)")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try allReduceRaw(values.baseAddress, result.baseAddress, count, Element.datatype, reduction)
      }
    }
  }

  /// Reduces one value a rank, and waits. Collective; throws `MPIError`.
  @inlinable
  public func allReduce<Element: MessageElement>(_ value: Element, _ reduction: Reduction) throws -> Element {
    var value = value
    try withUnsafeMutableBytes(of: &value) {
      try allReduceRaw(nil, $0.baseAddress, 1, Element.datatype, reduction)
    }
    return value
  }

  /// Allocates nothing on Swift's side. MPI 3.1 §5.12.8, in place. Throws if there are more than `Int32.max` elements.
  @inlinable
  public func startAllReduce<Element: MessageElement>(
    _ lease: consuming Lease<Element>, _ reduction: Reduction
  ) throws -> InFlight<Lease<Element>> {
    InFlight(try startAllReduceRaw(lease.pointer, lease.count, Element.datatype, reduction), lease)
  }

  /// As `startAllReduce(_:_:)`, with a way of adding of one's own, which must outlive the call.
  public func startAllReduce<Element: MessageElement>(
    _ lease: consuming Lease<Element>, _ reduction: CustomReduction
  ) throws -> InFlight<Lease<Element>> {
    InFlight(try startAllReduceRaw(lease.pointer, lease.count, Element.datatype, reduction.handle), lease)
  }

  /// - Parameter values: nil for in place.
  @usableFromInline
  func allReduceRaw(
    _ values: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: Int, _ type: Datatype,
    _ reduction: Reduction
  ) throws {
    try pieces(of: count) { start, count in
      let offset = start * type.stride
      let piece = values.map { $0 + offset } ?? UnsafeRawPointer(lockstep_mpi_in_place())
      try check(
        MPI_Allreduce(
          piece, result.map { $0 + offset }, count, type.handle.handle, reduction.handle.handle, comm.handle),
        "MPI_Allreduce", bytes: Int(count) * type.stride)
    }
  }

  @usableFromInline
  func startAllReduceRaw(
    _ values: UnsafeMutableRawPointer, _ count: Int, _ type: Datatype, _ reduction: Reduction
  ) throws -> Request {
    try startAllReduceRaw(values, count, type, reduction.handle)
  }

  private func startAllReduceRaw(
    _ values: UnsafeMutableRawPointer, _ count: Int, _ type: Datatype, _ operation: lockstep_mpi_op
  ) throws -> Request {
    let count = try whole(count, "MPI_Iallreduce")
    return try Request("MPI_Iallreduce", self, bytes: Int(count) * type.stride) {
      MPI_Iallreduce(
        lockstep_mpi_in_place(), values, count, type.handle.handle, operation.handle, comm.handle, &$0.handle)
    }
  }
}
