import Buffers

/// One object for each number of rows that has come by: the microbatch, the short last one, the evaluation batch. Made
/// when a number is first seen, found by a short search afterwards.
final class RowCache<Made> {
  private var entries: [(rows: Int, made: Made)] = []
  private let make: (Int) throws -> Made

  init(_ make: @escaping (Int) throws -> Made) {
    self.make = make
  }

  func callAsFunction(_ rows: Int) throws -> Made {
    for entry in entries where entry.rows == rows { return entry.made }
    let made = try make(rows)
    entries.append((rows, made))
    return made
  }

  func forEachMade(_ body: (Made) throws -> Void) rethrows {
    for entry in entries { try body(entry.made) }
  }
}

extension Tensor {
  /// A run of rows of this batch, flat.
  func rowRange(_ rows: Range<Int>) -> Tensor {
    let width = count / shape[0]
    return slice(rows.lowerBound * width..<rows.upperBound * width)
  }
}
