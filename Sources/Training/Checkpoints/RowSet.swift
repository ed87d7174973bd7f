import MessagePassing

/// Some of a table's rows: one bit for each row that there is.
package final class RowSet {
  /// Rows of the table.
  package let rows: Int
  private var words: [UInt64]

  private static let bits = UInt64.bitWidth

  /// None of so many rows.
  package init(rows: Int) {
    self.rows = rows
    words = Array(repeating: 0, count: (rows + Self.bits - 1) / Self.bits)
  }

  /// The same rows, in memory of its own.
  package init(copying other: RowSet) { (rows, words) = (other.rows, other.words) }

  /// Rows that are in it.
  package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// - Parameter ids: each less than `rows`, some of them perhaps twice.
  package func insert(_ ids: UnsafeBufferPointer<Int32>) {
    words.withUnsafeMutableBufferPointer { words in
      for id in ids { words[Int(id) / Self.bits] |= 1 &<< UInt64(truncatingIfNeeded: id) }
    }
  }

  /// Adds what other ranks have in theirs. Collective; throws `MPIError`.
  func unite(_ communicator: Communicator) throws {
    try words.withUnsafeMutableBufferPointer { try communicator.allReduce(inPlace: $0.mutableSpan, .bitwiseOr) }
  }

  /// Every row of the table.
  package func insertAll() {
    for index in words.indices { words[index] = .max }
    let beyond = words.count * Self.bits - rows
    if beyond > 0 { words[words.count - 1] &>>= UInt64(beyond) }
  }

  /// Leaves none.
  package func removeAll() { for index in words.indices { words[index] = 0 } }

  /// - Parameter places: among those that are in it, from 0.
  /// - Returns: these rows, which rise.
  package func members(_ places: Range<Int>) -> [Int32] {
    precondition(places.lowerBound >= 0, "\(places)")
    var members: [Int32] = []
    members.reserveCapacity(places.count)
    var passed = 0
    for (index, word) in words.enumerated() where passed < places.upperBound {
      let end = passed + word.nonzeroBitCount
      if end > places.lowerBound {
        var (rest, place) = (word, passed)
        while rest != 0 {
          if places.contains(place) { members.append(Int32(index * Self.bits + rest.trailingZeroBitCount)) }
          rest &= rest &- 1
          place += 1
        }
      }
      passed = end
    }
    precondition(members.count == places.count, "\(places) of \(passed) rows")
    return members
  }
}
