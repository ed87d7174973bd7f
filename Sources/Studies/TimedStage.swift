import Training

/// Epochs with the same global batch, of trials that compute the same.
struct TimedStage {
  /// Whole ones or, where no run finished one, parts of one; what others took too much of is left out, as long as something
  /// remains.
  let epochs: [EpochRecord]
  /// Left out.
  let disturbed: Int
  /// Others took too much of all of them.
  let isDisturbed: Bool
  /// Of a run's epochs.
  let share: Double
  private let stepsPerEpoch: Int

  /// In the order in which runs come to them; empty where nothing began.
  static func all(_ records: [TrialRecord], bound: Double) -> [TimedStage] {
    // Work that is timed again ends after a few epochs, and says nothing of how often there are such.
    let longest = records.map(\.run.epochs).max { $0.count < $1.count } ?? []
    let begun = records.flatMap { record in
      record.run.epochs.filter { $0.ledger.steps > 0 }.map { (epoch: $0, steps: record.run.stepsPerEpoch(like: $0)) }
    }
    return begun.map { $0.epoch.globalBatch }.uniqued.map { batch in
      let own = begun.filter { $0.epoch.globalBatch == batch }
      return TimedStage(
        own.map { $0.epoch }, stepsPerEpoch: own[0].steps,
        share: Double(longest.count { $0.globalBatch == batch }) / Double(max(1, longest.count)), bound: bound)
    }
  }

  private init(_ begun: [EpochRecord], stepsPerEpoch: Int, share: Double, bound: Double) {
    let whole = begun.filter { $0.ledger.steps >= stepsPerEpoch }
    let all = whole.isEmpty ? begun : whole
    let calm = all.filter { $0.ledger.lostShare ?? 0 <= bound }
    epochs = calm.isEmpty ? all : calm
    disturbed = all.count - epochs.count
    isDisturbed = calm.isEmpty && !all.isEmpty
    self.share = share
    self.stepsPerEpoch = stepsPerEpoch
  }

  /// A figure of each epoch, of parts of one by their steps.
  func whole(_ figure: (EpochRecord) -> Double) -> [Double] {
    epochs.map { epoch in
      let isWhole = epoch.ledger.steps >= stepsPerEpoch
      return figure(epoch) * (isWhole ? 1 : Double(stepsPerEpoch) / Double(epoch.ledger.steps))
    }
  }
}
