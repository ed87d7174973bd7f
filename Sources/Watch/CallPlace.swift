/// Where a rank is in its work with others: what tells those who wait from the one that they wait for.
package struct CallPlace: Equatable, Sendable {
  /// Of training, made or under way; 0 before the first.
  package var update: Int
  /// Collective calls that it has begun, this one with it where it is one.
  package var call: Int
  /// Whether all ranks make this call, at this number.
  package var isCollective: Bool
  /// That it hands over.
  package var bytes: Int
  /// MPI's name of it.
  package var operation: String

  package init(update: Int, call: Int, isCollective: Bool = true, bytes: Int, operation: String) {
    (self.update, self.call, self.isCollective) = (update, call, isCollective)
    (self.bytes, self.operation) = (bytes, operation)
  }

  /// For instance `MPI_Allreduce of 4096 bytes, its collective call 512, update 40`.
  package var words: String {
    let size = bytes > 0 ? " of \(bytes) bytes" : ""
    let number = isCollective ? "its collective call \(call)" : "after its collective call \(call)"
    return "\(operation)\(size), \(number)\(update > 0 ? ", update \(update)" : "")"
  }

  // In a datagram.

  private static let nameSize = 27
  /// Bytes that it takes there.
  static let size = 21 + nameSize

  /// Little-endian: update, call, bytes, whether all make it, and the name, filled up with zeros.
  var datagram: [UInt8] {
    let name = Array(operation.utf8.prefix(Self.nameSize))
    return Message.bytes(UInt32(clamping: update)) + Message.bytes(UInt64(clamping: call))
      + Message.bytes(UInt64(clamping: bytes)) + [isCollective ? 1 : 0]
      + name + [UInt8](repeating: 0, count: Self.nameSize - name.count)
  }

  /// Nil for a name that is none.
  init?(datagram bytes: ArraySlice<UInt8>) {
    let start = bytes.startIndex
    let name = bytes[(start + 21)...].prefix { $0 != 0 }
    guard name.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
    self.init(
      update: Int(Message.number(bytes[start..<start + 4])),
      call: Int(clamping: Message.number(bytes[start + 4..<start + 12])), isCollective: bytes[start + 20] == 1,
      bytes: Int(clamping: Message.number(bytes[start + 12..<start + 20])),
      operation: String(decoding: name, as: UTF8.self))
  }
}
