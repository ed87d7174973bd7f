extension StepPlan {
  /// Samples of each of as few microbatches as hold at most `rows` each; equal ones, but for what does not divide. A whole
  /// set in such microbatches has no last one of a few samples, whose statistics would be those of nothing.
  public static func equalParts(of samples: Int, atMost rows: Int) -> Int {
    precondition(samples > 0 && rows > 0, "\(samples) samples in microbatches of \(rows)")
    return ceiling(samples, ceiling(samples, rows))
  }

  /// A step that sees all of so many samples once, in equal parts of at most `rows`.
  public init(all samples: Int, inPartsOf rows: Int) {
    self.init(
      epoch: 0, step: 0, stepsInEpoch: 1, positions: 0..<samples,
      microBatch: Self.equalParts(of: samples, atMost: rows))
  }
}
