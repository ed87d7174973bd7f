extension OptimizerLoops {
  /// Σ x² over `[rows, width]` in doubles, the same bits in any order of the rows: each row's sum is rounded to a multiple
  /// of a quantum that depends on the largest number and the number of rows alone, so that doubles add such multiples
  /// exactly, and what was rounded off is added up in the same way. As `FixedPointSum`, with two bins.
  public static func sumOfSquares(ofRows values: Span<Float>, width: Int) -> Double {
    precondition(width > 0 && values.count % width == 0, "\(values.count) numbers in rows of \(width)")
    var largest: Float = 0
    for index in values.indices { largest = max(largest, abs(values[index])) }
    // The maximum may have passed over what is not a number.
    guard largest > 0, isFinite(values) else { return isFinite(values) ? 0 : .infinity }
    let bound = Double(largest) * Double(largest) * Double(width)
    let growth = Double(
      sign: .plus, exponent: Int.bitWidth - (values.count / width).leadingZeroBitCount, significand: 1)
    let coarse = Double(sign: .plus, exponent: bound.exponent + 2, significand: 1) * growth * 0x1p-52
    let fine = coarse * growth * 0x1p-52
    let (coarseRounder, fineRounder) = (1.5 * 0x1p52 * coarse, 1.5 * 0x1p52 * fine)
    var (sum, rest) = (0.0, 0.0)
    for start in stride(from: 0, to: values.count, by: width) {
      let square = sumOfSquares(values.extracting(start..<start + width))
      let rounded = (square + coarseRounder) - coarseRounder
      sum += rounded
      rest += ((square - rounded) + fineRounder) - fineRounder
    }
    return sum + rest
  }
}
