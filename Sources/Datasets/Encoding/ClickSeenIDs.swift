import Synchronization

/// Rows of the joined table that the ids of a split name: a bit each. Any number of threads may add to it.
final class ClickSeenIDs: @unchecked Sendable {
  // Unchecked: the bits are atomic.

  private typealias Word = Atomic<UInt64>
  private let words: UnsafeMutablePointer<Word>
  private let count: Int

  /// 16 MiB of bits for each split.
  private static let mostRows = 1 << 27

  /// - Parameter rows: of the table. Nil where it is too large.
  init?(rows: Int) {
    guard 0...Self.mostRows ~= rows else { return nil }
    count = (rows + 63) / 64
    words = .allocate(capacity: count)
    for index in 0..<count { (words + index).initialize(to: Word(0)) }
  }

  deinit {
    words.deinitialize(count: count)
    words.deallocate()
  }

  /// Nearly always a bit is there already: looking costs less than writing.
  ///
  /// - Parameter fields: which of a row's ids.
  @inline(__always)
  func insert(_ ids: UnsafePointer<Int32>, fields: UnsafeMutableBufferPointer<Int>) {
    let words = words
    for field in fields {
      let id = UInt(UInt32(bitPattern: ids[field]))
      let word = words + Int(bitPattern: id &>> 6)
      let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: id)
      if word.pointee.load(ordering: .relaxed) & bit == 0 { word.pointee.bitwiseOr(bit, ordering: .relaxed) }
    }
  }

  /// Counts over some rows of the table: how many there are, and how many of them are not in `other`.
  func count(of rows: Range<Int>, without other: ClickSeenIDs) -> (all: Int, new: Int) {
    var (all, new) = (0, 0)
    for id in rows where contains(id) {
      all += 1
      if !other.contains(id) { new += 1 }
    }
    return (all, new)
  }

  private func contains(_ id: Int) -> Bool {
    words[id >> 6].load(ordering: .relaxed) >> UInt64(id & 63) & 1 == 1
  }
}
