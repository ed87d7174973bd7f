internal import CMPI

extension Communicator {
  /// Every rank gets every rank's values, in rank order, as many as `blocks` says for each. MPI 3.1 §5.7. Throws
  /// `MPIError`.
  @inlinable
  public func allGather<Element: MessageElement>(
    _ values: Span<Element>, into result: consuming MutableSpan<Element>, _ blocks: Blocks
  ) throws {
    let count = values.count
    precondition(count == blocks.counts[rank], "\(count) elements for a block of \(blocks.counts[rank])")
    precondition(result.count == blocks.total, "all-gather of \(blocks.total) elements into \(result.count)")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try allGatherVRaw(values.baseAddress, count, result.baseAddress, blocks, Element.datatype)
      }
    }
  }

  /// Every rank's values, in rank order, however many each has. Throws `MPIError`.
  @inlinable
  public func allGather<Element: MessageElement>(_ values: [Element]) throws -> [[Element]] {
    let blocks = try blocks(try allGather(values.count))
    var result = [Element](repeating: .zero, count: blocks.total)
    try allGather(values.span, into: result.mutableSpan, blocks)
    return (0..<size).map { Array(result[blocks.range(of: $0)]) }
  }

  /// Every rank's text, in rank order. Throws `MPIError`.
  public func allGather(_ text: String) throws -> [String] {
    try allGather(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// In place: this rank's values are already in its own block. MPI 3.1 §5.12.5. Throws `MPIError`.
  @inlinable
  public func startAllGather<Element: MessageElement>(
    _ lease: consuming Lease<Element>, _ blocks: Blocks
  ) throws -> InFlight<Lease<Element>> {
    precondition(lease.count == blocks.total, "all-gather of \(blocks.total) elements in \(lease.count)")
    let request = try startAllGatherVRaw(lease.pointer, blocks, Element.datatype)
    return InFlight(request, lease, blocks: (blocks, nil))
  }

  @usableFromInline
  func allGatherVRaw(
    _ values: UnsafeRawPointer?, _ count: Int, _ result: UnsafeMutableRawPointer?, _ blocks: Blocks, _ type: Datatype
  ) throws {
    let (type, bytes) = (type.handle.handle, count * type.stride)
    try check(
      MPI_Allgatherv(
        values, Int32(count), type, result, blocks.counts32, blocks.displacements32, type, comm.handle),
      "MPI_Allgatherv", bytes: bytes)
  }

  @usableFromInline
  func startAllGatherVRaw(_ values: UnsafeMutableRawPointer, _ blocks: Blocks, _ type: Datatype) throws -> Request {
    let type = type.handle.handle
    return try Request("MPI_Iallgatherv", self, bytes: 0) {
      MPI_Iallgatherv(
        lockstep_mpi_in_place(), 0, type, values, blocks.counts32, blocks.displacements32, type, comm.handle,
        &$0.handle)
    }
  }
}
