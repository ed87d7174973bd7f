internal import CMPI

extension Communicator {
  /// As the equal form, with blocks of any length: this rank's `receiveBlocks.counts[r]` is rank r's
  /// `sendBlocks.counts[this rank]`. MPI 3.1 §5.8. Throws `MPIError`.
  @inlinable
  public func allToAll<Element: MessageElement>(
    _ values: Span<Element>, _ sendBlocks: Blocks, into result: consuming MutableSpan<Element>, _ receiveBlocks: Blocks
  ) throws {
    precondition(values.count == sendBlocks.total, "\(values.count) elements in blocks of \(sendBlocks.total)")
    precondition(result.count == receiveBlocks.total, "\(result.count) elements in blocks of \(receiveBlocks.total)")
    try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try allToAllVRaw(values.baseAddress, sendBlocks, result.baseAddress, receiveBlocks, Element.datatype)
      }
    }
  }

  /// The elements that every rank has for this one: `values[r]` goes to rank r, and element r of the result came from
  /// there. Throws `MPIError`.
  @inlinable
  public func allToAll<Element: MessageElement>(_ values: [[Element]]) throws -> [[Element]] {
    let sendCounts = values.map(\.count)
    var receiveCounts = Array(repeating: 0, count: size)
    try allToAll(sendCounts.span, into: receiveCounts.mutableSpan)
    let (sendBlocks, receiveBlocks) = (try blocks(sendCounts), try blocks(receiveCounts))
    var result = [Element](repeating: .zero, count: receiveBlocks.total)
    let flat = Array(values.joined())
    try allToAll(flat.span, sendBlocks, into: result.mutableSpan, receiveBlocks)
    return (0..<size).map { Array(result[receiveBlocks.range(of: $0)]) }
  }

  /// MPI 3.1 §5.12.6. Throws `MPIError`.
  @inlinable
  public func startAllToAll<Element: MessageElement>(
    _ values: consuming Lease<Element>, _ sendBlocks: Blocks, into result: consuming Lease<Element>,
    _ receiveBlocks: Blocks
  ) throws -> InFlight<LeasePair<Element>> {
    precondition(values.count == sendBlocks.total, "\(values.count) elements in blocks of \(sendBlocks.total)")
    precondition(result.count == receiveBlocks.total, "\(result.count) elements in blocks of \(receiveBlocks.total)")
    let request = try startAllToAllVRaw(values.pointer, sendBlocks, result.pointer, receiveBlocks, Element.datatype)
    return InFlight(request, LeasePair(send: values, receive: result), blocks: (sendBlocks, receiveBlocks))
  }

  @usableFromInline
  func allToAllVRaw(
    _ values: UnsafeRawPointer?, _ sendBlocks: Blocks, _ result: UnsafeMutableRawPointer?, _ receiveBlocks: Blocks,
    _ type: Datatype
  ) throws {
    let type = type.handle.handle
    try check(
      MPI_Alltoallv(
        values, sendBlocks.counts32, sendBlocks.displacements32, type, result, receiveBlocks.counts32,
        receiveBlocks.displacements32, type, comm.handle),
      "MPI_Alltoallv", bytes: 0)
  }

  @usableFromInline
  func startAllToAllVRaw(
    _ values: UnsafeRawPointer, _ sendBlocks: Blocks, _ result: UnsafeMutableRawPointer, _ receiveBlocks: Blocks,
    _ type: Datatype
  ) throws -> Request {
    let type = type.handle.handle
    return try Request("MPI_Ialltoallv", self, bytes: 0) {
      MPI_Ialltoallv(
        values, sendBlocks.counts32, sendBlocks.displacements32, type, result, receiveBlocks.counts32,
        receiveBlocks.displacements32, type, comm.handle, &$0.handle)
    }
  }
}
