internal import CMPI

extension Communicator {
  /// Every rank gets every rank's values, in rank order; equal counts everywhere. MPI 3.1 §5.7.
  ///
  /// - Parameter result: `size` times as many elements.
  /// - Throws: `MPIError`.
  @inlinable
  public func allGather<Element: MessageElement>(
    _ values: Span<Element>, into result: consuming MutableSpan<Element>
  ) throws {
    let count = values.count
    precondition(result.count == count * size, "all-gather of \(size) × \(count) elements into \(result.count)")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try allGatherRaw(values.baseAddress, result.baseAddress, count, Element.datatype)
      }
    }
  }

  /// Every rank's value, in rank order. Throws `MPIError`.
  @inlinable
  public func allGather<Element: MessageElement>(_ value: Element) throws -> [Element] {
    var result = Array(repeating: value, count: size)
    try withUnsafeBytes(of: value) { value in
      try result.withUnsafeMutableBytes { result in
        try allGatherRaw(value.baseAddress, result.baseAddress, 1, Element.datatype)
      }
    }
    return result
  }

  /// In place: this rank's values are already in its own block, and `lease` holds `size` equal blocks. MPI 3.1 §5.12.5.
  /// Throws `MPIError`.
  @inlinable
  public func startAllGather<Element: MessageElement>(
    _ lease: consuming Lease<Element>
  ) throws -> InFlight<Lease<Element>> {
    precondition(lease.count % size == 0, "\(lease.count) elements are not \(size) equal blocks")
    return InFlight(try startAllGatherRaw(lease.pointer, lease.count / size, Element.datatype), lease)
  }

  @usableFromInline
  func allGatherRaw(
    _ values: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: Int, _ type: Datatype
  ) throws {
    let (count, type, bytes) = (try whole(count, "MPI_Allgather"), type.handle.handle, count * type.stride)
    try check(MPI_Allgather(values, count, type, result, count, type, comm.handle), "MPI_Allgather", bytes: bytes)
  }

  @usableFromInline
  func startAllGatherRaw(_ values: UnsafeMutableRawPointer, _ count: Int, _ type: Datatype) throws -> Request {
    let (count, type, bytes) = (try whole(count, "MPI_Iallgather"), type.handle.handle, count * type.stride)
    return try Request("MPI_Iallgather", self, bytes: bytes) {
      MPI_Iallgather(lockstep_mpi_in_place(), count, type, values, count, type, comm.handle, &$0.handle)
    }
  }
}
