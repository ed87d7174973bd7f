internal import CMPI

/// Where a received message came from and how long it was.
public struct Envelope: Equatable, Sendable {
  /// The rank that sent it.
  public let source: Int
  /// The number that tells it from others of the same rank.
  public let tag: Int
  /// In elements.
  public let count: Int
}

/// Messages from one rank to another: MPI 3.1 §3. Throw `MPIError` for more than `Int32.max` elements.
extension Communicator {
  /// May return before the other rank has received. MPI 3.1 §3.2.1. Throws `MPIError`.
  @inlinable
  public func send<Element: MessageElement>(_ values: Span<Element>, to destination: Int, tag: Int = 0) throws {
    let count = values.count
    try values.withUnsafeBytes { try sendRaw($0.baseAddress, count, Element.datatype, destination, tag) }
  }

  /// A message longer than `values` is an error; a shorter one fills the start. MPI 3.1 §3.2.4.
  ///
  /// - Parameter source: nil for any rank.
  /// - Throws: `MPIError`.
  @inlinable
  @discardableResult
  public func receive<Element: MessageElement>(
    into values: consuming MutableSpan<Element>, from source: Int?, tag: Int = 0
  ) throws -> Envelope {
    let count = values.count
    return try values.withUnsafeMutableBytes {
      try receiveRaw($0.baseAddress, count, Element.datatype, source, tag)
    }
  }

  /// Both at once, so that ranks which send to each other do not wait for each other. MPI 3.1 §3.10. Throws `MPIError`.
  @inlinable
  @discardableResult
  public func sendReceive<Element: MessageElement>(
    _ values: Span<Element>, to destination: Int, into result: consuming MutableSpan<Element>, from source: Int?,
    tag: Int = 0
  ) throws -> Envelope {
    let (count, resultCount) = (values.count, result.count)
    return try values.withUnsafeBytes { values in
      try result.withUnsafeMutableBytes { result in
        try sendReceiveRaw(
          values.baseAddress, count, destination, result.baseAddress, resultCount, source, tag, Element.datatype)
      }
    }
  }

  /// Sends one value and waits; throws `MPIError`.
  @inlinable
  public func send<Element: MessageElement>(_ value: Element, to destination: Int, tag: Int = 0) throws {
    try withUnsafeBytes(of: value) { try sendRaw($0.baseAddress, 1, Element.datatype, destination, tag) }
  }

  /// Receives one value and waits; throws `MPIError`.
  @inlinable
  public func receive<Element: MessageElement>(
    _: Element.Type, from source: Int?, tag: Int = 0
  ) throws -> Element {
    var value = Element.zero
    _ = try withUnsafeMutableBytes(of: &value) { try receiveRaw($0.baseAddress, 1, Element.datatype, source, tag) }
    return value
  }

  /// Gives `value` to `partner`, which makes the same call, and returns the partner's. Throws `MPIError`.
  @inlinable
  public func exchange<Element: MessageElement>(_ value: Element, with partner: Int, tag: Int = 0) throws -> Element {
    var result = Element.zero
    _ = try withUnsafeBytes(of: value) { value in
      try withUnsafeMutableBytes(of: &result) { result in
        try sendReceiveRaw(
          value.baseAddress, 1, partner, result.baseAddress, 1, partner, tag, Element.datatype)
      }
    }
    return result
  }

  @usableFromInline
  func sendRaw(
    _ values: UnsafeRawPointer?, _ count: Int, _ type: Datatype, _ destination: Int, _ tag: Int
  ) throws {
    let count = try whole(count, "MPI_Send")
    try check(
      MPI_Send(values, count, type.handle.handle, Int32(clamping: destination), Int32(clamping: tag), comm.handle),
      "MPI_Send")
  }

  @usableFromInline
  func receiveRaw(
    _ values: UnsafeMutableRawPointer?, _ count: Int, _ type: Datatype, _ source: Int?, _ tag: Int
  ) throws -> Envelope {
    let count = try whole(count, "MPI_Recv")
    var status = MPI_Status()
    try check(
      MPI_Recv(values, count, type.handle.handle, code(ofSource: source), Int32(clamping: tag), comm.handle, &status),
      "MPI_Recv")
    return try envelope(&status, type)
  }

  @usableFromInline
  func sendReceiveRaw(
    _ values: UnsafeRawPointer?, _ count: Int, _ destination: Int, _ result: UnsafeMutableRawPointer?,
    _ resultCount: Int, _ source: Int?, _ tag: Int, _ type: Datatype
  ) throws -> Envelope {
    let (count, resultCount) = (try whole(count, "MPI_Sendrecv"), try whole(resultCount, "MPI_Sendrecv"))
    let (handle, tag) = (type.handle.handle, Int32(clamping: tag))
    var status = MPI_Status()
    try check(
      MPI_Sendrecv(
        values, count, handle, Int32(clamping: destination), tag, result, resultCount, handle, code(ofSource: source),
        tag, comm.handle, &status),
      "MPI_Sendrecv")
    return try envelope(&status, type)
  }

  private func code(ofSource source: Int?) -> Int32 { source.map { Int32(clamping: $0) } ?? lockstep_mpi_any_source() }

  private func envelope(_ status: inout MPI_Status, _ type: Datatype) throws -> Envelope {
    var count: Int32 = 0
    try check(MPI_Get_count(&status, type.handle.handle, &count), "MPI_Get_count")
    return Envelope(source: Int(status.MPI_SOURCE), tag: Int(status.MPI_TAG), count: Int(count))
  }
}
