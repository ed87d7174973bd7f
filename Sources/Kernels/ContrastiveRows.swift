import CVectorMath
import Glibc

/// The loops of NT-Xent, the loss of SimCLR (Chen et al., "A Simple Framework for Contrastive Learning of Visual
/// Representations", ICML 2020), over tiles of similarities:
///
///     loss of row a = −s(a, p) ÷ τ + log Σ over k ≠ a of exp(s(a, k) ÷ τ)
///
/// s is the cosine of two rows' projections. Rows 2i and 2i + 1 are the two views of sample i: each is the other's positive p.
public enum ContrastiveRows {
  /// A part of the similarities of all rows: those of some rows, one after another, to some columns.
  public struct Tile {
    /// The first row's number among all.
    public var firstRow: Int
    /// Rows of the tile.
    public var rows: Int
    /// The first column's number among all rows.
    public var firstColumn: Int
    /// Columns of the tile.
    public var columns: Int

    /// Numbers of rows and columns; similarities come as `[rows, columns]`.
    public init(rows: Range<Int>, columns: Range<Int>) {
      (firstRow, self.rows) = (rows.lowerBound, rows.count)
      (firstColumn, self.columns) = (columns.lowerBound, columns.count)
    }

    /// Where a row's similarity to another stands in its line of the tile; nil where it is in another tile.
    func place(of other: Int) -> Int? {
      let place = other - firstColumn
      return place >= 0 && place < columns ? place : nil
    }
  }

  /// The rows' sums so far, tile by tile: `[rows]` each.
  public struct Sums {
    /// The highest similarity ÷ τ to a negative; −∞ before there is one.
    public fileprivate(set) var highest: [Float]
    /// Σ over negatives of exp(similarity ÷ τ − highest).
    public fileprivate(set) var exponentials: [Double]
    /// The similarity ÷ τ to the positive.
    public fileprivate(set) var positives: [Float]

    /// Before any tile.
    public init(rows: Int) {
      highest = Array(repeating: -.infinity, count: rows)
      exponentials = Array(repeating: 0, count: rows)
      positives = Array(repeating: -.infinity, count: rows)
    }

    /// The logarithm of the sum over all columns but the row itself; shifted by the highest term, so that none overflows.
    public func logSum(_ row: Int) -> Double {
      let shift = Double(max(highest[row], positives[row]))
      return shift
        + log(exponentials[row] * exp(Double(highest[row]) - shift) + exp(Double(positives[row]) - shift))
    }

    /// The row's loss, in nats.
    public func loss(_ row: Int) -> Double { logSum(row) - Double(positives[row]) }

    /// Whether the positive is more similar than every negative.
    public func isRight(_ row: Int) -> Bool { positives[row] > highest[row] }
  }

  /// Takes a tile's columns into its rows' sums; the tile is scratch afterwards. Tiles in the same order give the same bits.
  ///
  /// - Parameter inverse: 1 ÷ τ.
  public static func add(
    _ similarities: inout MutableSpan<Float>, _ tile: Tile, inverse: Float, to sums: inout Sums
  ) {
    precondition(
      similarities.count == tile.rows * tile.columns && sums.highest.count == tile.rows,
      "\(similarities.count) similarities for \(tile)")
    for row in 0..<tile.rows {
      let (start, own) = (row * tile.columns, tile.firstRow + row)
      for column in 0..<tile.columns { similarities[unchecked: start &+ column] *= inverse }
      if let place = tile.place(of: own) { similarities[start + place] = -.infinity }
      if let place = tile.place(of: own ^ 1) {
        sums.positives[row] = similarities[start + place]
        similarities[start + place] = -.infinity
      }
      addNegatives(similarities, start, tile.columns, row, &sums)
    }
  }

  /// - Parameters:
  ///   - start: of the row's line; the caller has checked that it ends within `scaled`.
  private static func addNegatives(
    _ scaled: borrowing MutableSpan<Float>, _ start: Int, _ columns: Int, _ row: Int, _ sums: inout Sums
  ) {
    var highest = sums.highest[row]
    for column in 0..<columns {
      let value = scaled[unchecked: start &+ column]
      highest = value > highest ? value : highest
    }
    guard highest > -.infinity else {
      // Nothing but what is left out; or no numbers, which must not get lost.
      for column in 0..<columns where scaled[start + column].isNaN { sums.exponentials[row] = .nan }
      return
    }
    var sum: Float = 0
    for column in 0..<columns {
      sum = lockstep_reassociable_add(sum, exponential(scaled[unchecked: start &+ column] - highest))
    }
    sums.exponentials[row] = sums.exponentials[row] * exp(Double(sums.highest[row] - highest)) + Double(sum)
    sums.highest[row] = highest
  }

  /// Turns a tile of similarities into the weights with which its columns' projections enter the gradient of the sum of all
  /// rows' losses, times τ, with respect to its rows' projections: a row is an anchor, and a column of every other anchor. So
  /// the weight of column k in row a is P(a, k) + P(k, a), less 2 for the positive, with P(a, k) = exp(s ÷ τ − logSum(a)).
  ///
  /// - Parameters:
  ///   - inverse: 1 ÷ τ.
  ///   - rowLogSums: and `columnLogSums`: `[rows]` and `[columns]`.
  public static func weights(
    _ similarities: inout MutableSpan<Float>, _ tile: Tile, inverse: Float, rowLogSums: Span<Float>,
    columnLogSums: Span<Float>
  ) {
    precondition(
      similarities.count == tile.rows * tile.columns && rowLogSums.count == tile.rows
        && columnLogSums.count == tile.columns, "\(similarities.count) similarities for \(tile)")
    for row in 0..<tile.rows {
      let (start, own, logSum) = (row * tile.columns, tile.firstRow + row, rowLogSums[row])
      for column in 0..<tile.columns {
        let scaled = similarities[unchecked: start &+ column] * inverse
        similarities[unchecked: start &+ column] =
          exponential(scaled - logSum) + exponential(scaled - columnLogSums[unchecked: column])
      }
      if let place = tile.place(of: own) { similarities[start + place] = 0 }
      if let place = tile.place(of: own ^ 1) { similarities[start + place] -= 2 }
    }
  }
}
