/// Counts pairs of a positive and a negative sample by the order of their scores.
enum PairCount {
  /// Twice the pairs in which the positive has the higher score, plus the ties. Fits for 2 · 10⁹ samples of each class.
  ///
  /// - Parameters:
  ///   - positives: their keys, rising.
  ///   - negatives: their keys, rising.
  ///   - negativesBelow: further negatives, all with smaller keys than these positives.
  static func orderedPairs(
    positives: ArraySlice<UInt32>, negatives: ArraySlice<UInt32>, negativesBelow: Int
  ) -> Int {
    // Negatives before `less` are smaller than the positive, those before `upTo` are not greater.
    var less = negatives.startIndex
    var upTo = negatives.startIndex
    var pairs = 0
    for positive in positives {
      while less < negatives.endIndex, negatives[less] < positive { less += 1 }
      upTo = max(upTo, less)
      while upTo < negatives.endIndex, negatives[upTo] == positive { upTo += 1 }
      pairs += 2 * negativesBelow + (less - negatives.startIndex) + (upTo - negatives.startIndex)
    }
    return pairs
  }
}
