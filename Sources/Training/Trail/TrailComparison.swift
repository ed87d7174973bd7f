/// Two trails of the same experiment, compared step by step up to the first difference.
package struct TrailComparison {
  /// Updates that both have and that are equal; nil where there is none.
  package private(set) var equal: ClosedRange<Int>?
  /// Nil where all steps that both have are equal.
  package private(set) var difference: TrailDifference?

  /// - Throws: `TrailError`, `FileError` where one cannot be read to the first difference, or the two cannot be compared.
  package init(_ a: TrailFile, _ b: TrailFile) throws {
    guard a.header.shape == b.header.shape else {
      throw TrailError(
        "\(a.path) and \(b.path) have sums of other arrays: made by other versions (\(a.header.lockstep), \(b.header.lockstep))? Make "
          + "both runs again with the same")
    }
    guard a.header.alone == b.header.alone, a.header.alone || a.header.ranks == b.header.ranks else {
      throw TrailError(
        "\(a.path) is of \(a.header.ranks) ranks and \(b.path) of \(b.header.ranks), which with execution.summation fast add gradients "
          + "in another order, and may differ: make both runs again with execution.summation=reproducible, or on as many ranks"
      )
    }
    while var one = try a.nextStep(), var other = try b.nextStep() {
      // A run that went on from a checkpoint begins later.
      while one[0].update < other[0].update {
        guard let next = try a.nextStep() else { return }
        one = next
      }
      while other[0].update < one[0].update {
        guard let next = try b.nextStep() else { return }
        other = next
      }
      do { difference = try TrailDifference([one, other], a.header.shape) } catch {
        throw TrailError("\(a.path) and \(b.path): \(error)")
      }
      if difference != nil { return }
      equal = (equal?.lowerBound ?? one[0].update)...one[0].update
    }
  }
}
