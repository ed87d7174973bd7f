import Statistics

/// Time in which ranks wait for the last of them.
///
/// If ranks' times are normally distributed, the last of P comes z(P) standard deviations after the median, z(P) =
/// Φ⁻¹((P − 0.375) ÷ (P + 0.25)): Blom 1958. The deviation has a part of its own and one that grows with the computation.
package struct WaitingFit: Equatable {
  /// Standard deviation of ranks' times, in seconds.
  private(set) var perStep = 0.0
  /// Standard deviation as a share of the computation.
  private(set) var perCompute = 0.0

  /// Zeros where no ranks waited. Where shares are uneven, whoever has less waits for that, not for chance: such trials tell
  /// nothing here.
  init(_ figures: [StepFigures]) {
    let figures = figures.filter { $0.ranks > 1 && $0.isEven }
    let places = figures.map { Self.place(ranks: $0.ranks) }
    // Relative to the step, so that the longest does not decide alone.
    let fit = OriginFit.nonNegative(
      zip(places, figures).map { $0 / $1.step }, zip(places, figures).map { $0 * $1.compute / $1.step },
      y: figures.map { $0.wait / $0.step })
    if let fit { (perStep, perCompute) = (fit.first, fit.second) }
  }

  /// - Parameter compute: a rank's seconds outside the exchange.
  func callAsFunction(compute: Double, ranks: Int) -> Double {
    (perStep + perCompute * compute) * Self.place(ranks: ranks)
  }

  /// How many standard deviations the last of so many comes after the median; 0 for one.
  package static func place(ranks: Int) -> Double {
    ranks > 1 ? -Normal.quantile(0.625 / (Double(ranks) + 0.25)) : 0
  }
}
