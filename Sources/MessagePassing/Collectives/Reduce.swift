internal import CMPI

extension Communicator {
  /// Combines the ranks' values element by element and leaves the result on `root`; the values of other ranks stay as
  /// they are. MPI 3.1 §5.9.1, in place. Throws `MPIError`.
  @inlinable
  public func reduce<Element: MessageElement>(
    inPlace values: consuming MutableSpan<Element>, _ reduction: Reduction, root: Int = 0
  ) throws {
    let count = values.count
    try values.withUnsafeMutableBytes {
      try reduceRaw($0.baseAddress, $0.baseAddress, count, Element.datatype, reduction, root)
    }
  }

  /// As `reduce(inPlace:)`, with the result in `root`'s `result`, which may be empty elsewhere. MPI 3.1 §5.9.1. Throws
  /// `MPIError`.
  @inlinable
  public func reduce<Element: MessageElement>(
    _ values: Span<Element>, into result: consuming MutableSpan<Element>, _ reduction: Reduction, root: Int = 0
  ) throws {
    let count = values.count
    precondition(rank != root || result.count == count, "reduce of \(count) elements into \(result.count)")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try reduceRaw(values.baseAddress, result.baseAddress, count, Element.datatype, reduction, root)
      }
    }
  }

  /// The result on `root`, nil elsewhere. Throws `MPIError`.
  @inlinable
  public func reduce<Element: MessageElement>(
    _ value: Element, _ reduction: Reduction, root: Int = 0
  ) throws -> Element? {
    var value = value
    try withUnsafeMutableBytes(of: &value) {
      try reduceRaw($0.baseAddress, $0.baseAddress, 1, Element.datatype, reduction, root)
    }
    return rank == root ? value : nil
  }

  /// MPI 3.1 §5.12.7, in place. Throws if there are more than `Int32.max` elements.
  @inlinable
  public func startReduce<Element: MessageElement>(
    _ lease: consuming Lease<Element>, _ reduction: Reduction, root: Int = 0
  ) throws -> InFlight<Lease<Element>> {
    InFlight(try startReduceRaw(lease.pointer, lease.count, Element.datatype, reduction, root), lease)
  }

  /// On the root, `values` may be `result`.
  @usableFromInline
  func reduceRaw(
    _ values: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: Int, _ type: Datatype,
    _ reduction: Reduction, _ root: Int
  ) throws {
    let isInPlace = rank == root && values == UnsafeRawPointer(result)
    try pieces(of: count) { start, count in
      let offset = start * type.stride
      let piece = isInPlace ? UnsafeRawPointer(lockstep_mpi_in_place()) : values.map { $0 + offset }
      try check(
        MPI_Reduce(
          piece, rank == root ? result.map { $0 + offset } : nil, count, type.handle.handle, reduction.handle.handle,
          Int32(clamping: root), comm.handle),
        "MPI_Reduce", bytes: Int(count) * type.stride)
    }
  }

  @usableFromInline
  func startReduceRaw(
    _ values: UnsafeMutableRawPointer, _ count: Int, _ type: Datatype, _ reduction: Reduction, _ root: Int
  ) throws -> Request {
    let count = try whole(count, "MPI_Ireduce")
    return try Request("MPI_Ireduce", self, bytes: Int(count) * type.stride) {
      MPI_Ireduce(
        rank == root ? lockstep_mpi_in_place() : values, rank == root ? values : nil, count, type.handle.handle,
        reduction.handle.handle, Int32(clamping: root), comm.handle, &$0.handle)
    }
  }
}
