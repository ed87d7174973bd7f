/// Where a rank is in its work with others: what tells those who wait from the one that they wait for.
package struct CallPlace: Equatable, Sendable {
  /// Of training, made or under way; 0 before the first.
  package var update: Int
  /// Collective calls that it has begun, this one with it.
  package var call: Int
  /// That it hands over.
  package var bytes: Int
  /// MPI's name of it.
  package var operation: String

  package init(update: Int, call: Int, bytes: Int, operation: String) {
    (self.update, self.call, self.bytes, self.operation) = (update, call, bytes, operation)
  }

  /// For instance `MPI_Allreduce of 4096 bytes, its collective call 512, update 40`.
  package var words: String {
    let size = bytes > 0 ? " of \(bytes) bytes" : ""
    return "\(operation)\(size), its collective call \(call)\(update > 0 ? ", update \(update)" : "")"
  }

  // In a datagram.

  private static let nameSize = 28
  /// Bytes that it takes there.
  static let size = 20 + nameSize

  /// Little-endian: update, call, bytes, and the name, filled up with zeros.
  var datagram: [UInt8] {
    let name = Array(operation.utf8.prefix(Self.nameSize))
    return Message.bytes(UInt32(clamping: update)) + Message.bytes(UInt64(clamping: call))
      + Message.bytes(UInt64(clamping: bytes))
      + name + [UInt8](repeating: 0, count: Self.nameSize - name.count)
  }

  /// Nil for a name that is none.
  init?(datagram bytes: ArraySlice<UInt8>) {
    let start = bytes.startIndex
    let name = bytes[(start + 20)...].prefix { $0 != 0 }
    guard name.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
    self.init(
      update: Int(Message.number(bytes[start..<start + 4])),
      call: Int(clamping: Message.number(bytes[start + 4..<start + 12])),
      bytes: Int(clamping: Message.number(bytes[start + 12..<start + 20])),
      operation: String(decoding: name, as: UTF8.self))
  }
}
