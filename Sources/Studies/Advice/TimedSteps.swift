import Statistics

/// What a step takes on so many ranks, as a study timed it: at a batch that it ran its own median, elsewhere its line t(B) = a + bB.
struct TimedSteps {
  let ranks: Int
  private let fit: StepTimeFit
  private let timed: [Int: Estimate]

  /// One for each rank count of a study of one kind of trials that timed two batches or more, by ranks.
  static func all(_ summary: StudySummary) -> [TimedSteps] {
    summary.stepTimeFits.map { fit in
      let own = summary.execution.filter { $0.ranks == fit.ranks && !$0.timing.isDisturbed }
      let timed = own.compactMap { point in point[.stepSeconds].map { (point.globalBatch, $0) } }
      return TimedSteps(
        ranks: fit.ranks, fit: fit, timed: Dictionary(timed, uniquingKeysWith: { first, _ in first }))
    }.sorted { $0.ranks < $1.ranks }
  }

  var batches: [Int] { fit.globalBatches }

  /// Seconds; nil where the line has none.
  func seconds(atBatch globalBatch: Int) -> (figure: AdvisedFigure, basis: Advice.Basis)? {
    if let estimate = timed[globalBatch] {
      let (value, interval) = (estimate.value, estimate.medianInterval)
      return (AdvisedFigure(value, interval?.lower ?? value, interval?.upper ?? value), .timed)
    }
    let value = fit.linear(Double(globalBatch))
    guard value > 0, value.isFinite else { return nil }
    let student = StudentT(degrees: Double(max(1, fit.linear.count - 2))).quantile(0.975)
    let reach = fit.linear.standardError(at: Double(globalBatch)).map { $0 * student } ?? 0
    let isBetween = globalBatch >= batches[0] && globalBatch <= batches[batches.count - 1]
    return (AdvisedFigure(value, max(0, value - reach), value + reach), isBetween ? .line : .extrapolated)
  }
}
