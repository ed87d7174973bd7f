import Training

extension RunReport {
  /// What has come of the run, in one line: for whoever wants to see nothing else.
  public var line: String {
    let words = QualityWords(isBinary: isBinary)
    let parts = [
      run.finalEpoch.map { "epoch \($0.epoch): training \(words.training($0.training))" },
      run.finalValidation.map { "\(run.dataset.heldOut) \(words.all(of: $0))" },
      run.finalTest.map { "final weights on the test set \(words.all(of: $0))" },
      run.finalOutcome == .completed ? "\(Format.number(run.samplesPerSecond)) samples/s" : "\(run.finalOutcome)",
    ]
    return VisibleText.line(parts.compactMap { $0 }.joined(separator: "; "))
  }
}
