import Training

/// A quality in a few words: loss and accuracy, or, of one score for two classes, log loss and area under the curve.
package struct QualityWords {
  private let isBinary: Bool
  private let lossDecimals: Int
  private let areaDecimals: Int

  package init(isBinary: Bool, lossDecimals: Int = 4, areaDecimals: Int = 4) {
    self.isBinary = isBinary
    self.lossDecimals = lossDecimals
    self.areaDecimals = areaDecimals
  }

  package var lossName: String { isBinary ? "log loss" : "loss" }

  /// Words for running means over an epoch, of which there is no area.
  package func training(_ quality: Quality) -> String {
    isBinary ? loss(quality) : loss(quality) + " accuracy \(Format.percent(quality.accuracy, 2))"
  }

  package func main(of quality: Quality) -> String {
    isBinary ? loss(quality) + " \(area(quality))" : training(quality)
  }

  /// Everything that is known.
  package func all(of quality: Quality) -> String {
    guard isBinary else { return "\(loss(quality))  accuracy \(Format.percent(quality.accuracy, 2))" }
    return [
      loss(quality), area(quality),
      quality.normalizedEntropy.map { "normalised entropy \(Format.fixed($0, 4))" },
      quality.calibration.map { "calibration \(Format.fixed($0, 4))" },
      "accuracy \(Format.percent(quality.accuracy, 2))",
    ].compactMap { $0 }.joined(separator: "  ")
  }

  private func loss(_ quality: Quality) -> String { "\(lossName) \(Format.fixed(quality.loss, lossDecimals))" }

  private func area(_ quality: Quality) -> String {
    quality.areaUnderCurve.map { "AUC \(Format.fixed($0, areaDecimals))" } ?? "AUC undefined (one class, or no numbers)"
  }
}
