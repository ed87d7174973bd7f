internal import CMPI

extension Communicator {
  /// The root's values overwrite those of every rank; equal counts everywhere. MPI 3.1 §5.4. Throws `MPIError`.
  @inlinable
  public func broadcast<Element: MessageElement>(_ values: consuming MutableSpan<Element>, root: Int = 0) throws {
    let count = values.count
    try values.withUnsafeMutableBytes { try broadcastRaw($0.baseAddress, count, Element.datatype, root) }
  }

  /// The root's value; what other ranks pass does not matter. Throws `MPIError`.
  @inlinable
  public func broadcast<Element: MessageElement>(_ value: Element, root: Int = 0) throws -> Element {
    var value = value
    try withUnsafeMutableBytes(of: &value) { try broadcastRaw($0.baseAddress, 1, Element.datatype, root) }
    return value
  }

  /// The root's values, however many; what other ranks pass does not matter. Throws `MPIError`.
  @inlinable
  public func broadcast<Element: MessageElement>(_ values: [Element], root: Int = 0) throws -> [Element] {
    let count = try broadcast(values.count, root: root)
    var result = rank == root ? values : Array(repeating: .zero, count: count)
    try broadcast(result.mutableSpan, root: root)
    return result
  }

  /// The root's text; what other ranks pass does not matter. Throws `MPIError`.
  public func broadcast(_ text: String, root: Int = 0) throws -> String {
    String(decoding: try broadcast(Array(text.utf8), root: root), as: UTF8.self)
  }

  /// MPI 3.1 §5.12.2. Throws if there are more than `Int32.max` elements.
  @inlinable
  public func startBroadcast<Element: MessageElement>(
    _ lease: consuming Lease<Element>, root: Int = 0
  ) throws -> InFlight<Lease<Element>> {
    InFlight(try startBroadcastRaw(lease.pointer, lease.count, Element.datatype, root), lease)
  }

  @usableFromInline
  func broadcastRaw(_ values: UnsafeMutableRawPointer?, _ count: Int, _ type: Datatype, _ root: Int) throws {
    try pieces(of: count) { start, count in
      let piece = values.map { $0 + start * type.stride }
      try check(
        MPI_Bcast(piece, count, type.handle.handle, Int32(clamping: root), comm.handle), "MPI_Bcast",
        bytes: Int(count) * type.stride)
    }
  }

  @usableFromInline
  func startBroadcastRaw(
    _ values: UnsafeMutableRawPointer, _ count: Int, _ type: Datatype, _ root: Int
  ) throws -> Request {
    let count = try whole(count, "MPI_Ibcast")
    return try Request("MPI_Ibcast", self, bytes: Int(count) * type.stride) {
      MPI_Ibcast(values, count, type.handle.handle, Int32(clamping: root), comm.handle, &$0.handle)
    }
  }
}
