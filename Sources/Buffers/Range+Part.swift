extension Range<Int> {
  /// One of so many parts of about the same length, cut at multiples of `unit` and in this order; empty where there are more parts than
  /// units.
  package func part(_ index: Int, of count: Int, unit: Int) -> Range<Int> {
    let first = lowerBound / unit
    let units = (upperBound + unit - 1) / unit - first
    func cut(_ part: Int) -> Int { Swift.min(Swift.max((first + units * part / count) * unit, lowerBound), upperBound) }
    return cut(index)..<cut(index + 1)
  }
}
