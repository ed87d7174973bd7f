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
    let (least, greatest, sum, missing) = (least, greatest, sum, missing)
    for index in 0..<columns { least[index] = values[index] < least[index] ? values[index] : least[index] }
    for index in 0..<columns { greatest[index] = values[index] > greatest[index] ? values[index] : greatest[index] }
    for index in 0..<columns { sum[index] += Double(values[index]) }
    for index in 0..<columns { missing[index] &+= texts[index].count == 0 ? 1 : 0 }
  }

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
