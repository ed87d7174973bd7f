import Configuration
import Measurement
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// Times of equal work, from all trials that share it.
@Suite("Pooled times")
struct PooledTimeTests {
  private let study = SyntheticStudy.study(globalBatch: [64, 256], scaling: ["none", "linear"], seeds: [1, 2])

  /// Of each epoch others took this share.
  private func disturbed(_ record: TrialRecord, _ shares: [Double], slower: Double = 1) -> TrialRecord {
    var record = record
    for (index, share) in shares.enumerated() {
      let elapsed = record.run.epochs[index].ledger.elapsed.maximum
      let nothing = Spread([0])
      record.run.epochs[index].seconds *= share > 0 ? slower : 1
      record.run.epochs[index].ledger.disturbance = Disturbance(
        waitedForCore: Spread([share * elapsed]), stolen: nil, pressure: nil, threadCPU: nothing,
        involuntarySwitches: nothing)
    }
    return record
  }

  private func point(_ summary: StudySummary, _ batch: Int) throws -> ExecutionPoint {
    try #require(summary.execution.first { $0.globalBatch == batch })
  }

  @Test("Rules and seeds share a timing: the median of all their epochs, with an interval")
  func pooled() throws {
    var records = SyntheticStudy.records(of: study)
    for (trial, record) in records.enumerated() where record.trial.globalBatch == 256 {
      for epoch in record.run.epochs.indices { records[trial].run.epochs[epoch].seconds = Double(4 * trial + epoch) }
    }
    let own = records.filter { $0.trial.globalBatch == 256 }.flatMap { $0.run.epochs.map(\.seconds) }
    let summary = StudySummary(study, records)
    let execution = try point(summary, 256)
    #expect(execution.timing.epochs == 16 && execution[.epochSeconds]?.median == own.median)
    #expect(execution[.epochSeconds]?.medianInterval == own.medianInterval())
    #expect(execution[.epochSeconds]?.standardDeviation == nil)
    for point in summary.points where point.place.globalBatch == 256 {
      #expect(point[.epochSeconds] == execution[.epochSeconds])
      // All follows from the same time.
      let seconds = try #require(point[.epochSeconds]).value
      #expect(abs(try #require(point[.samplesPerSecond]).value * seconds - 4096) < 1e-6)
      #expect(abs(try #require(point[.epochCost]).value - 0.001 * seconds) < 1e-12)
      #expect(abs(try #require(point[.trainingSeconds]).value - 4 * seconds) < 1e-9)
    }
  }

  @Test("Epochs of which others took too much are left out as long as others are left")
  func leftOut() throws {
    let calm = SyntheticStudy.records(of: study)
    let records = calm.map { disturbed($0, [0, 0.4, 0.04, 0], slower: 3) }
    let (quiet, noisy) = (StudySummary(study, calm), StudySummary(study, records))
    for batch in [64, 256] {
      let timing = try point(noisy, batch).timing
      #expect(4 * timing.disturbed == timing.disturbed + timing.epochs && !timing.isDisturbed)
      #expect(abs(try #require(timing.lostShare) - 0.04) < 1e-9)
    }
    #expect(try point(noisy, 64)[.epochSeconds]?.median == point(quiet, 64)[.epochSeconds]?.median)
    #expect(noisy.points.allSatisfy { !$0.isDisturbed })
  }

  @Test("Work that was never left in peace is marked, fitted to nothing and not recommended")
  func neverLeftInPeace() throws {
    // The better batch, were it not for its times.
    let records = SyntheticStudy.records(of: study).map {
      $0.trial.globalBatch == 256 ? disturbed($0, [0.3, 0.3, 0.3, 0.3]) : $0
    }
    let summary = StudySummary(study, records)
    #expect(try point(summary, 256).timing.isDisturbed && !point(summary, 64).timing.isDisturbed)
    #expect(summary.points.allSatisfy { $0.isDisturbed == ($0.place.globalBatch == 256) })
    #expect(summary.recommendation?.recommended.globalBatch == 64 && summary.recommendation?.fastest.globalBatch == 64)
    #expect(summary.stepTimeFits.isEmpty)
    #expect(StudySummary(study, SyntheticStudy.records(of: study)).recommendation?.fastest.globalBatch == 256)
  }

  @Test("Other programs take time, not quality: the best is the best, however it was timed")
  func qualityIsNotDisturbed() throws {
    let records = study.trials.map { trial in
      trial.globalBatch == 256
        ? disturbed(SyntheticStudy.record(trial, of: study, accuracy: 0.95), [0.3, 0.3, 0.3, 0.3])
        : SyntheticStudy.record(trial, of: study)
    }
    let recommendation = try #require(StudySummary(study, records).recommendation)
    #expect(recommendation.best.globalBatch == 256 && recommendation.recommended.globalBatch == 256)
    #expect(recommendation.fastest.globalBatch == 64 && !recommendation.differences.isEmpty)
  }

  @Test("What was disturbed is timed again, the least timed first, and no more often than the study says")
  func retakes() throws {
    var records = SyntheticStudy.records(of: study).map { disturbed($0, [0.3, 0.3, 0.3, 0.3]) }
    var rounds: [(batch: Int, round: Int)] = []
    while let next = TimingRounds(study: study, trials: study.trials).next(records), rounds.count < 20 {
      rounds.append((next.trial.globalBatch, next.round))
      var again = disturbed(SyntheticStudy.record(next.trial, of: study), [0.3, 0.3, 0.3, 0.3])
      if next.trial.globalBatch == 64 { again = SyntheticStudy.record(next.trial, of: study) }
      again.round = next.round
      records.append(again)
    }
    #expect(rounds.map(\.batch) == [64, 256, 256] && rounds.map(\.round) == [1, 1, 2])
    let summary = StudySummary(study, records)
    #expect(summary.timingRounds == 3 && summary.finishedTrials == study.trials.count)
    #expect(try !point(summary, 64).timing.isDisturbed && point(summary, 64).timing.epochs == 4)
  }

  @Test("More ranks than cores disturb themselves: nothing is timed again for it")
  func crowded() {
    let study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1], ranks: [4])
    let records = SyntheticStudy.records(of: study).map { disturbed($0, [0.3, 0.3, 0.3, 0.3]) }
    #expect(TimingRounds(study: study, trials: study.trials).next(records) == nil)
  }

  @Test("Rounds go on until the interval is narrow enough, or there were enough")
  func interval() throws {
    var study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1])
    study.timing = StudyTiming(interval: 0.05, atMost: 3)
    let rounds = TimingRounds(study: study, trials: study.trials)
    var records = SyntheticStudy.records(of: study)
    // Four epochs have no interval.
    let next = try #require(rounds.next(records))
    #expect(next.round == 1)
    var again = records[0]
    again.round = 1
    #expect(rounds.next(records + [again]) == nil)
    for epoch in again.run.epochs.indices { again.run.epochs[epoch].seconds *= 1 + Double(epoch) }
    #expect(rounds.next(records + [again])?.round == 2)
    records.append(again)
    again.round = 2
    #expect(rounds.next(records + [again]) == nil)
    #expect(rounds.run(for: next.trial)?.epochs == 3)
  }

  @Test("Trials are shuffled within a part's seed, the same each time; or stay in the file's order")
  func order() {
    var study = SyntheticStudy.study(globalBatch: [64, 128, 256, 512, 1024, 2048], seeds: [1, 2])
    let shuffled = study.ordered(study.trials)
    #expect(shuffled != study.trials && Set(shuffled) == Set(study.trials) && shuffled == study.ordered(study.trials))
    #expect(shuffled.map(\.seed) == study.trials.map(\.seed))
    #expect(study.ordered(Array(study.trials.dropFirst())) == shuffled.filter { $0 != study.trials[0] })
    study.order = .file
    #expect(study.ordered(study.trials) == study.trials)
  }

  @Test("Efficiency is load balance times serialisation times transfer")
  func efficiency() throws {
    let found = try #require(ParallelEfficiency(mean: 6, busiest: 8, elapsed: 12, wire: 2))
    #expect(found.loadBalance == 0.75 && found.serialisation == 0.8 && abs(found.transfer - 10.0 / 12) < 1e-12)
    #expect(abs(found.parallel - found.loadBalance * found.serialisation * found.transfer) < 1e-12)
    #expect(ParallelEfficiency(mean: 0, busiest: 0, elapsed: 1, wire: 0) == nil)
    #expect(ParallelEfficiency(mean: 1, busiest: 1, elapsed: 1, wire: 1) == nil)
  }

  @Test("The same batch on each of more ranks is weak scaling, of any study that has such batches")
  func weakScaling() throws {
    let study = SyntheticStudy.study(globalBatch: [64, 128, 192], scaling: ["none"], seeds: [1], ranks: [1, 2, 3])
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    #expect(summary.weakScaling.map(\.localBatch) == [64])
    let entries = try #require(summary.weakScaling.first).entries
    #expect(entries.map(\.ranks) == [1, 2, 3] && entries.map(\.globalBatch) == [64, 128, 192])
    #expect(entries[0].efficiency == 1)
    for (entry, ranks) in zip(entries, [1.0, 2, 3]) {
      let rate = try #require(
        summary.execution.first { $0.ranks == entry.ranks && $0.globalBatch == entry.globalBatch })
      #expect(entry.samplesPerSecond == rate[.samplesPerSecond]?.value)
      #expect(abs(entry.efficiency - entry.samplesPerSecond / ranks / entries[0].samplesPerSecond) < 1e-12)
    }
  }

  @Test("Six rank counts are fitted by the universal scalability law, five are not")
  func scalability() throws {
    let seconds = { (ranks: Int) in
      10 * (1 + 0.1 * Double(ranks - 1) + 0.01 * Double(ranks * (ranks - 1))) / Double(ranks)
    }
    let six = Dictionary(uniqueKeysWithValues: [1, 2, 3, 4, 8, 16].map { ($0, seconds($0)) })
    let law = try #require(RankScaling(AxisValues(), seconds: six)?.law)
    #expect(abs(law.contention - 0.1) < 1e-9 && abs(law.coherency - 0.01) < 1e-9)
    #expect(RankScaling(AxisValues(), seconds: six.filter { $0.key < 16 })?.law == nil)
  }

  @Test("A tenth that is serial is found by Karp and Flatt's fraction at any rank count")
  func serialFraction() throws {
    let seconds = Dictionary(uniqueKeysWithValues: [1, 2, 3, 8].map { ($0, 1 + 9 / Double($0)) })
    let scaling = try #require(RankScaling(AxisValues(), seconds: seconds))
    #expect(scaling.referenceSeconds == 10 && scaling.entries[0].serialFraction == nil)
    #expect(scaling.entries.dropFirst().allSatisfy { abs(($0.serialFraction ?? 0) - 0.1) < 1e-12 })
  }
}
