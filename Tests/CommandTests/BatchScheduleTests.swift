import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  /// Global batches that change while a run trains, and runs that are stretched to their batch.
  @Suite(.serialized) struct BatchSchedules {
    private static let run = "train launch/runs/fashion-mnist-mlp.yaml --set data.path=\(Shell.data)"

    private func train(_ arguments: String, ranks: Int = 2) throws -> (record: RunRecord, result: Shell.Result) {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(ranks: ranks, "\(Self.run) --output \(folder.path) \(arguments)")
      try #require(result.status == 0, "\(result.text)")
      return (try RunRecord.read(folder.file("run.json")), result)
    }

    @Test func epochsHaveTheirOwnBatchRateAndUpdates() throws {
      let (record, result) = try train(
        "--set data.limit=1000 --set epochs=4 --set 'learningRate={base: 0.1}' "
          + "--set 'globalBatch={base: 60, milestones: [1, 2, 3], factor: 5, atMost: 500}'")
      #expect(record.configuration.globalBatch == 60)
      #expect(record.epochs.map(\.globalBatch) == [nil, 300, 500, 500])
      #expect(record.epochs.map(\.updates) == [17, 21, 23, 25] && record.updates == 25)
      #expect(record.epochs.map(\.ledger.steps) == [17, 4, 2, 2])
      #expect(record.epochs.map(\.ledger.samples) == [1000, 1000, 1000, 1000])
      let rates = [0.1, 0.1, 0.1 * (500.0 / 60) / 25, 0.1 * (500.0 / 60) / 125]
      for (epoch, rate) in zip(record.epochs, rates) { #expect(abs(epoch.learningRate - rate) < 1e-12) }
      // As many messages a step as ever: bytes follow the steps.
      let bytes = record.epochs.map { $0.ledger.exchangedBytes / $0.ledger.steps }
      #expect(Set(bytes).count == 1)
      #expect(result.output.contains("global batch 60 → 300 → 500;"), "\(result.text)")
    }

    @Test func ranksThatABatchLeavesIdleAreSaid() throws {
      let (record, result) = try train(
        "--set data.limit=12 --set globalBatch=6 --set microBatch=2 --set epochs=2 "
          + "--set 'batchSchedule={milestones: [1], factor: 0.2}'", ranks: 3)
      #expect(record.epochs.map(\.globalBatch) == [nil, 1] && record.updates == 2 + 12)
      #expect(
        result.text.contains("from epoch 2 on 3 ranks share 1 microbatches of 1: 2 of them idle."), "\(result.text)")
    }

    /// Regime adaptation: eight times the batch, eight times the epochs, at the same points of the schedule.
    @Test func aStretchedRunMakesAsManyUpdates() throws {
      let regime = "--set data.limit=960 --set epochs=2 --set 'learningRate={schedule: steps, milestones: [1]}'"
      let small = try train("\(regime) --set globalBatch=60").record
      let large = try train("\(regime) --set globalBatch=480 --set regimeBatch=60").record
      #expect(small.updates == 32 && large.updates == 32 && large.epochs.count == 16)
      let rates = large.epochs.map(\.learningRate)
      #expect(rates[..<8].allSatisfy { $0 == small.epochs[0].learningRate })
      #expect(rates[8...].allSatisfy { $0 == small.epochs[1].learningRate })
    }

    @Test(arguments: [
      (
        "'batchSchedule={milestones: [1], factor: 100}'",
        ["batchSchedule makes the global batch 25600 from epoch 2 on", "6000 samples", "batchSchedule.atMost"]
      ),
      ("'batchSchedule={milestones: [1, 1], factor: 2}'", ["batchSchedule.milestones must rise"]),
      ("'globalBatch={milestones: [1], factor: 2}'", ["missing key 'globalBatch.base'"]),
      (
        "globalBatch=256 --set microBatch=64 --set ghostBatch=24",
        ["ghostBatch is 24", "does not divide microBatch, 64"]
      ),
    ])
    func mistakesAreOneError(setting: String, names: [String]) throws {
      let folder = try TemporaryFolder()
      let run = "\(Self.run) --set globalBatch=256 --output \(folder.path)"
      expectOneError(try Shell.lockstep(ranks: 2, "\(run) --set \(setting)"), names)
    }

    /// The small form of Smith's study, smaller still: every schedule, and a report of what each was.
    @Test func aStudyOfSchedulesSaysWhatEachWas() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2,
        "study launch/studies/smith-small.yaml --quiet --output \(folder.path) --set run.data.limit=1200 --set run.epochs=4 "
          + "--set run.batchSchedule.milestones=[1,2,3] --set axes.seed=[1] --set 'timing={retakes: 0}'")
      try #require(result.status == 0, "\(result.text)")
      let stored = try StoredStudy(folder: folder.path)
      #expect(stored.records.count == 7 && stored.missing.isEmpty)
      let updates = Dictionary(uniqueKeysWithValues: stored.records.map { ($0.trial.variant ?? "", $0.run.updates) })
      // Of 1,200 samples: 38 updates at 32, 10 at 128, 3 at 512, 2 at 600.
      #expect(updates["decay"] == 4 * 38 && updates["hybrid"] == 38 + 30 && updates["increase"] == 38 + 10 + 3 + 2)
      #expect(updates["larger rate"] == 10 + 3 + 2 + 2 && updates["larger momentum"] == 3 + 2 + 2 + 2)
      let report = folder.text(of: "report.md")
      #expect(report.contains("Schedules of the global batch") && report.contains("Noise scale g"))
      #expect(report.contains("batch-schedules"))
      // 0.02 · (1200 ÷ 32 − 1) ÷ 0.1 at the start, whoever decays what later.
      #expect(report.components(separatedBy: " 7.300 ").count > 3, "\(report)")
    }
  }
}
