internal import CMPI

extension Communicator {
  /// Block r of this rank's values goes to rank r, which finds it as the block of this rank. `size` equal blocks on
  /// both sides. MPI 3.1 §5.8. Throws `MPIError`.
  @inlinable
  public func allToAll<Element: MessageElement>(
    _ values: Span<Element>, into result: consuming MutableSpan<Element>
  ) throws {
    let count = values.count / size
    precondition(values.count == count * size, "\(values.count) elements are not \(size) equal blocks")
    precondition(result.count == values.count, "all-to-all of \(values.count) elements into \(result.count)")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try allToAllRaw(values.baseAddress, result.baseAddress, count, Element.datatype)
      }
    }
  }

  /// MPI 3.1 §5.12.6. Throws `MPIError`.
  @inlinable
  public func startAllToAll<Element: MessageElement>(
    _ values: consuming Lease<Element>, into result: consuming Lease<Element>
  ) throws -> InFlight<LeasePair<Element>> {
    let count = values.count / size
    precondition(values.count == count * size, "\(values.count) elements are not \(size) equal blocks")
    precondition(result.count == values.count, "all-to-all of \(values.count) elements into \(result.count)")
    let request = try startAllToAllRaw(values.pointer, result.pointer, count, Element.datatype)
    return InFlight(request, LeasePair(send: values, receive: result))
  }

  @usableFromInline
  func allToAllRaw(
    _ values: UnsafeRawPointer?, _ result: UnsafeMutableRawPointer?, _ count: Int, _ type: Datatype
  ) throws {
    let (count, type) = (try whole(count, "MPI_Alltoall"), type.handle.handle)
    try check(MPI_Alltoall(values, count, type, result, count, type, comm.handle), "MPI_Alltoall", bytes: 0)
  }

  @usableFromInline
  func startAllToAllRaw(
    _ values: UnsafeRawPointer, _ result: UnsafeMutableRawPointer, _ count: Int, _ type: Datatype
  ) throws -> Request {
    let (count, type) = (try whole(count, "MPI_Ialltoall"), type.handle.handle)
    return try Request("MPI_Ialltoall", self, bytes: 0) {
      MPI_Ialltoall(values, count, type, result, count, type, comm.handle, &$0.handle)
    }
  }
}
