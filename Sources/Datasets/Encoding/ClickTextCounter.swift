import Foundation

/// How often each text of a field occurs. Memory follows the number of different texts (see `TextDictionary`).
final class ClickTextCounter: @unchecked Sendable {
  // Unchecked: the table is used by whoever holds the lock.

  private let lock = NSLock()
  private let table = TextDictionary()

  func add(_ keys: UnsafeBufferPointer<TextKey>) {
    lock.withLock {
      for key in keys where !key.isAbsent { table.increment(key) }
    }
  }

  /// All texts that occur so often, in the order of their bytes; nil where one of them is not UTF-8.
  func texts(minimumCount: Int) -> [String]? {
    var kept: [Sorted] = []
    table.forEach { key, occurrences in
      if Int(occurrences) >= minimumCount { kept.append(Sorted(key: key, prefix: key.prefix)) }
    }
    kept.sort()
    var texts: [String] = []
    texts.reserveCapacity(kept.count)
    for entry in kept {
      guard let text = entry.key.withBytes({ String(validating: $0, as: UTF8.self) }) else { return nil }
      texts.append(text)
    }
    return texts
  }

  /// The texts as numbers, which rise, with how often each occurs; texts that are none, the empty one too, are left out.
  var numbers: [(value: Double, occurrences: Int)] {
    var numbers: [(value: Double, occurrences: Int)] = []
    table.forEach { key, occurrences in
      let value = key.withBytes { bytes in
        bytes.bindMemory(to: UInt8.self).baseAddress.flatMap {
          TextNumber.decimal(TextSpan(start: $0, count: bytes.count))
        }
      }
      if let value { numbers.append((value, Int(occurrences))) }
    }
    return numbers.sorted { $0.value < $1.value }
  }

  private struct Sorted: Comparable {
    let key: TextKey
    let prefix: UInt64

    static func < (first: Sorted, second: Sorted) -> Bool {
      if first.prefix != second.prefix { return first.prefix < second.prefix }
      let order = first.key.withBytes { first in
        second.key.withBytes { memcmp(first.baseAddress!, $0.baseAddress!, min(first.count, $0.count)) }
      }
      return order == 0 ? first.key.count < second.key.count : order < 0
    }

    static func == (first: Sorted, second: Sorted) -> Bool { first.key.isSame(as: second.key) }
  }
}
