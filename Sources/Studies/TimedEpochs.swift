import Configuration
import Measurement
import Statistics
import Training

/// Epochs of equal work, of one trial or of several that differ in nothing that costs time, and what their figures come to. Where
/// the global batch changes in a run, epochs of each batch are work of their own, and figures are of the run's mean epoch.
package struct TimedEpochs {
  /// Those that figures are taken from: whole ones or, where no run finished one, parts of one, scaled up. What others took too
  /// much of is left out, as long as something remains.
  package let epochs: [EpochRecord]
  /// Left out.
  let disturbed: Int
  /// Others took too much of all of them.
  let isDisturbed: Bool
  /// Those of each global batch.
  private let stages: [TimedStage]
  private let ranks: Int
  /// Medians of full steps, in seconds: of each epoch with the batch that the run began with.
  package let stepMedians: [Double]

  /// - Parameters:
  ///   - records: completed trials that train.
  ///   - bound: the share of an epoch's time from which it counts as disturbed.
  package init?(_ records: [TrialRecord], bound: Double) {
    guard let first = records.first?.run else { return nil }
    ranks = first.ranks
    stages = TimedStage.all(records, bound: bound)
    epochs = stages.flatMap(\.epochs)
    disturbed = stages.reduce(0) { $0 + $1.disturbed }
    isDisturbed = stages.contains(where: \.isDisturbed)
    // Records from before epochs had their own.
    let old = records.map(\.run).filter { $0.epochs.allSatisfy { $0.stepTimes == nil } }.compactMap(\.stepSeconds)
    stepMedians = epochs.filter { $0.globalBatch == nil }.compactMap { $0.stepTimes?.median } + old
  }

  /// The share that others took of the epochs that count, at most; nil where none tells.
  var lostShare: Double? { epochs.compactMap(\.ledger.lostShare).max() }

  /// The slowest step in a hundred, of the epoch in the middle; nil where none tells.
  var stepTail: Double? { epochs.compactMap { $0.stepTimes?.percentile99 }.median }

  /// Of each epoch, whole or scaled up.
  var epochSeconds: [Double] { scaled(\.seconds) }

  /// Median of a full step; nil where there was none.
  var stepSeconds: Double? { stepMedians.median }

  /// The larger distance from the median epoch to an end of its interval ÷ the median; nil for five epochs or fewer.
  var intervalShare: Double? {
    guard let seconds = timings(\.seconds), let interval = seconds.medianInterval, seconds.value > 0 else { return nil }
    return max(interval.upper - seconds.value, seconds.value - interval.lower) / seconds.value
  }

  /// nil where nothing was noted of it.
  var efficiency: ParallelEfficiency? {
    let useful = epochs.compactMap(\.ledger.useful)
    guard useful.count == epochs.count else { return nil }
    func sum(_ figure: (EpochRecord) -> Double) -> Double { epochs.reduce(0) { $0 + figure($1) } }
    return ParallelEfficiency(
      mean: useful.reduce(0) { $0 + $1.mean }, busiest: useful.reduce(0) { $0 + $1.maximum }, elapsed: sum(\.seconds),
      wire: sum { $0.ledger[.exchangeWire].median })
  }

  /// Figures of an epoch and of a step.
  func estimates(cost: StudyConfiguration.Cost) -> [Measure: Estimate] {
    var estimates: [Measure: Estimate] = [:]
    let seconds = timings(\.seconds)
    estimates[.epochSeconds] = seconds
    estimates[.stepSeconds] = .ofTimings(stepMedians)
    let samples = scaled { Double($0.ledger.samples) }.median ?? 0
    estimates[.samplesPerSecond] = seconds.flatMap { $0.value > 0 ? $0.ofTimings { samples / $0 } : nil }
    estimates[.epochCost] = seconds?.ofTimings { cost.money(seconds: $0, ranks: ranks) }
    for phase in Phase.allCases { estimates[Measure(phase)] = timings { $0.ledger[phase].median } }
    estimates[.epochExchangeTotalSeconds] = timings(\.ledger.exchangeTotal.median)
    estimates[.epochExchangeExposedSeconds] = timings(\.ledger.exchangeExposed.median)
    estimates[.epochCPUSeconds] = timings { $0.ledger.cpuSeconds.median * Double(ranks) }
    if epochs.allSatisfy({ $0.energy != nil }) { estimates[.epochJoules] = timings { $0.energy?.processors ?? .nan } }
    estimates[.communicationShare] = ratio(\.exchangeExposed.median, over: \.trainingElapsed)
    addTraffic(to: &estimates)
    return estimates.filter { $0.value.value.isFinite }
  }

  private func addTraffic(to estimates: inout [Measure: Estimate]) {
    estimates[.epochExchangedBytes] = timings { Double($0.ledger.exchangedBytes) }
    estimates[.epochExchangedMessages] = timings { Double($0.ledger.exchangedMessages) }
    let samples = { (ledger: LedgerSummary) in Double(ledger.samples) }
    estimates[.exchangedBytesPerSample] = ratio({ Double($0.exchangedBytes) + $0.tableBytes }, over: samples)
    guard epochs.contains(where: { $0.ledger.tables != nil }) else { return }
    estimates[.epochTableBytes] = timings(\.ledger.tableBytes)
    estimates[.tableBytesPerSample] = ratio(\.tableBytes, over: samples)
    estimates[.touchedRowsPerSample] = ratio({ Double($0.tables?.mergedRows ?? 0) }, over: samples)
  }

  private func timings(_ figure: (EpochRecord) -> Double) -> Estimate? { .ofTimings(scaled(figure)) }

  /// Parts of an epoch by their steps. Epochs of several batches as the run's mean epoch: as far as each lies from the median of
  /// its own batch, so far from the mean of those medians, each counted as often as the run has such epochs.
  package func scaled(_ figure: (EpochRecord) -> Double) -> [Double] {
    let figures = stages.map { $0.whole(figure) }
    guard figures.count > 1 else { return figures.first ?? [] }
    let medians = figures.map { $0.median ?? 0 }
    let mean = zip(stages, medians).reduce(0) { $0 + $1.0.share * $1.1 }
    return zip(figures, medians).flatMap { own, median in own.map { median == 0 ? mean : mean * ($0 / median) } }
  }

  /// The quotient of sums, not the mean of quotients.
  private func ratio(_ top: (LedgerSummary) -> Double, over bottom: (LedgerSummary) -> Double) -> Estimate? {
    let ledgers = epochs.map(\.ledger)
    let below = ledgers.reduce(0) { $0 + bottom($1) }
    return below > 0 ? .ofTimings([ledgers.reduce(0) { $0 + top($1) } / below]) : nil
  }
}

extension LedgerSummary {
  /// That a rank hands over for row-sparse gradients: median over ranks.
  package var tableBytes: Double { tables.map { $0.sparseBytes.median + Double($0.denseBytes) } ?? 0 }

  /// Without evaluation and checkpoints; medians over ranks.
  fileprivate var trainingElapsed: Double {
    elapsed.median - self[Phase.evaluate].median - self[Phase.checkpoint].median
  }
}
