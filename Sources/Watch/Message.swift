/// What one watchdog tells another, in one datagram.
package struct Message: Equatable {
  /// The kinds; a number stays what it is.
  package enum Kind: UInt8 {
    /// To the first rank, again and again: I am here, and this is how I am.
    case beat = 1
    /// To whoever sent a beat or a question: I have it.
    case answer
    /// Are you there?
    case question
    /// The job ends: the sender has said why.
    case end
    /// I have done my part, and may be gone.
    case farewell
    /// To oneself: look up.
    case wake
    /// The others go on without `missed`: whoever is on its host ends it, and so does it itself.
    case removal
  }

  /// Of all messages of this job, and of no other.
  package var job: UInt64
  package var kind: Kind
  /// The sender's.
  package var rank: Int
  /// The sender's `Idleness`.
  package var idleSeconds: Double
  package var isWaiting: Bool
  /// Where the sender is; nil before its first call.
  package var place: CallPlace?
  /// The sender's process, as its host numbers it.
  package var process: Int
  /// Whom a removal is about; nil in other messages.
  package var missed: Missed?

  /// A rank, and its process as its host numbers it; 0 where that is not known.
  package struct Missed: Equatable {
    package var rank: Int
    package var process: Int

    package init(rank: Int, process: Int) { (self.rank, self.process) = (rank, process) }
  }

  package init(
    job: UInt64, kind: Kind, rank: Int, idleSeconds: Double = 0, isWaiting: Bool = false, place: CallPlace? = nil,
    process: Int = 0, missed: Missed? = nil
  ) {
    self.job = job
    self.kind = kind
    self.rank = rank
    self.idleSeconds = idleSeconds
    self.isWaiting = isWaiting
    self.place = place
    self.process = process
    self.missed = missed
  }

  /// Bytes of a datagram.
  package static let size = 32 + CallPlace.size

  /// Little-endian: job, rank, idle milliseconds, kind, whether it waits, has a place, is about a missed rank; process; that rank and
  /// its process; the place.
  package var bytes: [UInt8] {
    let milliseconds = UInt32(min(max(idleSeconds * 1000, 0), Double(UInt32.max)))
    return Self.bytes(job) + Self.bytes(UInt32(clamping: rank)) + Self.bytes(milliseconds)
      + [kind.rawValue, isWaiting ? 1 : 0, place == nil ? 0 : 1, missed == nil ? 0 : 1]
      + Self.bytes(UInt32(clamping: process))
      + Self.bytes(UInt32(clamping: missed?.rank ?? 0)) + Self.bytes(UInt32(clamping: missed?.process ?? 0))
      + (place?.datagram ?? [UInt8](repeating: 0, count: CallPlace.size))
  }

  /// Nil for what no watchdog wrote.
  package init?(bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == Self.size, let kind = Kind(rawValue: bytes[16]), bytes[17...19].allSatisfy({ $0 <= 1 })
    else { return nil }
    self.init(
      job: Self.number(bytes[0..<8]), kind: kind, rank: Int(Self.number(bytes[8..<12])),
      idleSeconds: Double(Self.number(bytes[12..<16])) / 1000, isWaiting: bytes[17] == 1,
      place: bytes[18] == 1 ? CallPlace(datagram: bytes[32...]) : nil, process: Int(Self.number(bytes[20..<24])),
      missed: bytes[19] == 1
        ? Missed(rank: Int(Self.number(bytes[24..<28])), process: Int(Self.number(bytes[28..<32]))) : nil)
  }

  static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
