import Foundation
import Kernels
import Testing

/// Against the same sums in doubles, one term after another.
@Suite struct ContrastiveRowsTests {
  /// Cosines of ten rows with each other, made up.
  private static let count = 10
  private static let cosines = numbers(count * count, 3)
  private static let inverse: Float = 4

  private static func scaled(_ row: Int, _ column: Int) -> Double {
    Double(cosines[row * count + column] * inverse)
  }

  private static func logSum(_ row: Int) -> Double {
    log((0..<count).filter { $0 != row }.reduce(0) { $0 + exp(scaled(row, $1)) })
  }

  private static func tile(_ rows: Range<Int>, _ columns: Range<Int>) -> [Float] {
    rows.flatMap { row in columns.map { cosines[row * count + $0] } }
  }

  @Test(arguments: [[0, 10], [0, 1, 2, 10], [0, 3, 7, 10], [0, 5, 6, 9, 10]])
  func sumsOfTilesAreTheWholeRows(cuts: [Int]) {
    let rows = 3..<8
    var sums = ContrastiveRows.Sums(rows: rows.count)
    for (first, end) in zip(cuts, cuts.dropFirst()) {
      var tile = Self.tile(rows, first..<end)
      var values = tile.mutableSpan
      ContrastiveRows.add(
        &values, ContrastiveRows.Tile(rows: rows, columns: first..<end), inverse: Self.inverse, to: &sums)
    }
    for (place, row) in rows.enumerated() {
      #expect(abs(sums.logSum(place) - Self.logSum(row)) < 1e-5)
      #expect(abs(sums.loss(place) - (Self.logSum(row) - Self.scaled(row, row ^ 1))) < 1e-5)
      let negatives = (0..<Self.count).filter { $0 != row && $0 != row ^ 1 }.map { Self.scaled(row, $0) }
      #expect(sums.isRight(place) == (Self.scaled(row, row ^ 1) > negatives.max()!))
    }
  }

  @Test func weightsAreTheProbabilitiesBothWays() {
    let (rows, columns) = (2..<7, 4..<10)
    let logSums = (0..<Self.count).map { Float(Self.logSum($0)) }
    var tile = Self.tile(rows, columns)
    let (rowLogSums, columnLogSums) = (Array(logSums[rows]), Array(logSums[columns]))
    var values = tile.mutableSpan
    ContrastiveRows.weights(
      &values, ContrastiveRows.Tile(rows: rows, columns: columns), inverse: Self.inverse,
      rowLogSums: rowLogSums.span, columnLogSums: columnLogSums.span)
    let expected = rows.flatMap { row in
      columns.map { column -> Float in
        guard row != column else { return 0 }
        let scaled = Self.scaled(row, column)
        let both = exp(scaled - Self.logSum(row)) + exp(scaled - Self.logSum(column))
        return Float(both - (column == row ^ 1 ? 2 : 0))
      }
    }
    #expect(difference(tile, expected) < 1e-5)
  }

  @Test func rowsGetLengthOneAndTheWayBackIsPerpendicular() {
    let width = 5
    let rows = numbers(4 * width, 9)
    var (units, lengths) = ([Float](repeating: 7, count: 9 * width), [Float](repeating: 7, count: 9))
    var target = units.mutableSpan
    var found = lengths.mutableSpan
    UnitRows.normalize(rows.span, width: width, into: &target, lengths: &found, first: 1, stride: 2)
    for row in 0..<4 {
      let (place, values) = (1 + 2 * row, rows[row * width..<(row + 1) * width])
      let length = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(Double(lengths[place]) - length) < 1e-6)
      let unit = Array(units[place * width..<(place + 1) * width])
      #expect(difference(unit, values.map { Float(Double($0) / length) }) < 1e-6)
      var gradient = numbers(width, 20 + UInt64(row))
      let (before, own) = (gradient, [lengths[place]])
      var result = gradient.mutableSpan
      UnitRows.backward(&result, units: unit.span, lengths: own.span, factor: 3)
      let along = zip(before, unit).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(difference(gradient, zip(before, unit).map { 3 / lengths[place] * ($0 - along * $1) }) < 1e-6)
    }
    // Rows between are left alone.
    for place in stride(from: 0, to: 9, by: 2) {
      #expect(lengths[place] == 7 && units[place * width..<(place + 1) * width].allSatisfy { $0 == 7 })
    }
  }
}
