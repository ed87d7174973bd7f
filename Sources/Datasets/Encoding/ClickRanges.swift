/// Where the values of dense columns lie, as a model gets them. Each number of all columns side by side, so that a row is added
/// by a few vector instructions.
final class ClickRanges {
  let columns: Int
  private let least: UnsafeMutablePointer<Float>
  private let greatest: UnsafeMutablePointer<Float>
  private let sum: UnsafeMutablePointer<Double>
  private let missing: UnsafeMutablePointer<Int>

  init(_ columns: Int) {
    self.columns = columns
    least = .allocate(capacity: columns)
    greatest = .allocate(capacity: columns)
    sum = .allocate(capacity: columns)
    missing = .allocate(capacity: columns)
    clear()
  }

  deinit {
    least.deallocate()
    greatest.deallocate()
    sum.deallocate()
    missing.deallocate()
  }

  func clear() {
    least.initialize(repeating: .infinity, count: columns)
    greatest.initialize(repeating: -.infinity, count: columns)
    sum.initialize(repeating: 0, count: columns)
    missing.initialize(repeating: 0, count: columns)
  }

  /// A row's texts, and the values that they became.
  @inline(__always)
  func add(_ texts: UnsafePointer<TextSpan>, _ values: UnsafePointer<Float>) {
    let (sum, missing) = (sum, missing)
    addExtremes(values)
    for index in 0..<columns {
      sum[index] += Double(values[index])
      missing[index] &+= texts[index].count == 0 ? 1 : 0
    }
  }

  /// Eight columns at a time; the last eight may overlap those before, which changes nothing.
  @inline(__always)
  private func addExtremes(_ values: UnsafePointer<Float>) {
    guard columns >= Self.width else {
      for index in 0..<columns {
        least[index] = min(least[index], values[index])
        greatest[index] = max(greatest[index], values[index])
      }
      return
    }
    for start in stride(from: 0, to: columns, by: Self.width) {
      let first = min(start, columns - Self.width)
      let found = UnsafeRawPointer(values + first).loadUnaligned(as: SIMD8<Float>.self)
      let (low, high) = (UnsafeMutableRawPointer(least + first), UnsafeMutableRawPointer(greatest + first))
      low.storeBytes(of: pointwiseMin(low.loadUnaligned(as: SIMD8<Float>.self), found), as: SIMD8<Float>.self)
      high.storeBytes(of: pointwiseMax(high.loadUnaligned(as: SIMD8<Float>.self), found), as: SIMD8<Float>.self)
    }
  }

  private static let width = 8

  func join(_ other: ClickRanges) {
    for index in 0..<columns {
      least[index] = min(least[index], other.least[index])
      greatest[index] = max(greatest[index], other.greatest[index])
      sum[index] += other.sum[index]
      missing[index] += other.missing[index]
    }
  }

  /// - Parameter rows: that were added.
  func range(of column: Int, rows: Int) -> ClickSummary.Range {
    ClickSummary.Range(
      least: least[column], mean: sum[column] / Double(rows), greatest: greatest[column],
      missingShare: Double(missing[column]) / Double(rows))
  }
}
