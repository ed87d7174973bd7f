import Buffers

/// The order of an epoch's samples: a bijection on `0..<count` that is a pure function of seed and epoch and can be asked
/// for any position directly, so no rank stores or sends an order, and a run can go on from any step.
///
/// A Feistel network over the pairs of a rectangle just large enough for `count`, with Philox as its round function;
/// what falls outside `count` is sent through again, which keeps it a bijection ("cycle walking"). Black and Rogaway,
/// "Ciphers with arbitrary finite domains" (CT-RSA 2002), methods 2 and 3.
public struct Permutation: Sendable {
  /// Samples that are put in order, at least 1.
  public let count: Int
  private let rows: UInt64
  private let columns: UInt64
  private let random: Philox

  /// Each half is shifted three times, by a function of the other.
  private static let rounds: UInt64 = 6
  /// Smaller rectangles mix visibly unevenly. A tiny set walks through a larger one instead.
  private static let smallestSide: UInt64 = 16
  /// The use of an order: sets it apart from other uses of the same seed.
  public enum Purpose: UInt64, Sendable {
    /// An epoch's samples.
    case order = 0x6F72_6465_72
    /// The first of it are for training, the rest for validation.
    case split = 0x73_706C_6974
    /// Files in a folder.
    case folder = 0x66_6F6C_6465_72
  }

  /// Orders of different seeds, epochs or purposes have nothing to do with each other.
  public init(count: Int, seed: UInt64, epoch: Int, purpose: Purpose = .order) {
    precondition(count > 0, "an order of \(count) samples")
    self.count = count
    var rows = max(UInt64(Double(count).squareRoot()), Self.smallestSide)
    while rows * rows < UInt64(count) { rows += 1 }
    self.rows = rows
    columns = max((UInt64(count) + rows - 1) / rows, Self.smallestSide)
    random = Philox(seed, purpose.rawValue, UInt64(epoch))
  }

  /// The sample at a position of the epoch.
  public subscript(position: Int) -> Int {
    precondition(position >= 0 && position < count, "position \(position) of \(count)")
    var value = UInt64(position)
    repeat { value = shuffle(value) } while value >= UInt64(count)
    return Int(value)
  }

  /// A bijection on `0..<rows * columns`.
  private func shuffle(_ value: UInt64) -> UInt64 {
    var row = value / columns
    var column = value % columns
    for round in stride(from: 0, to: Self.rounds, by: 2) {
      row = shift(row, by: random.block(column, round).x, in: rows)
      column = shift(column, by: random.block(row, round + 1).x, in: columns)
    }
    return row * columns + column
  }

  private func shift(_ value: UInt64, by word: UInt32, in size: UInt64) -> UInt64 {
    let shifted = value + (UInt64(word) * size) >> 32
    return shifted < size ? shifted : shifted - size
  }
}
