import Foundation
import Testing
import Training

/// All of these start processes that want every core: one after the other.
@Suite(.serialized) struct CommandTests {}

/// The bundled subset, so that a run takes a second and needs no installed data.
let smallRun = "launch/runs/fashion-mnist-mlp.yaml --quiet --set data.path=launch/data/fashion-mnist-subset"

extension CommandTests {
  @Suite(.serialized) struct Train {
    private func train(ranks: Int, _ more: String) throws -> (record: RunRecord, folder: TemporaryFolder) {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(ranks: ranks, "train \(smallRun) \(more) --output \(folder.path)")
      #expect(result.status == 0, "\(result.errors)")
      return (try RunRecord.read(folder.file("run.json")), folder)
    }

    @Test(arguments: [2, 3, 4]) func ranksAgreeWithOne(ranks: Int) throws {
      let arguments = "--set globalBatch=1000 --set microBatch=96 --set steps=6 --set epochs=1"
      let one = try train(ranks: 1, arguments)
      let many = try train(ranks: ranks, arguments)
      #expect(many.record.ranks == ranks && many.record.updates == 6)
      let (a, b) = (one.record.epochs[0], many.record.epochs[0])
      #expect(abs(a.training.loss - b.training.loss) < 1e-5 * a.training.loss)
      #expect(abs(a.validation!.loss - b.validation!.loss) < 1e-5 * a.validation!.loss)
      #expect(abs(a.weightDistance - b.weightDistance) < 1e-5 * a.weightDistance)
    }

    @Test func twoRunsAreTheSameBits() throws {
      let arguments = "--set globalBatch=256 --set microBatch=64 --set steps=5"
      let hashes = try (0..<2).map { _ in try train(ranks: 2, arguments).record.weightsSHA256 }
      #expect(hashes[0] == hashes[1] && hashes[0].count == 64)
    }

    @Test func phasesSumToTheWallClock() throws {
      let record = try train(ranks: 2, "--set globalBatch=256 --set microBatch=64 --set epochs=2").record
      let phases = record.ledger.phases.values.reduce(0) { $0 + $1.median }
      #expect(abs(phases - record.ledger.elapsed.median) < 0.01 * record.ledger.elapsed.median)
      #expect(record.ledger.exchangedBytes == record.updates * record.model.gradientBytes)
      #expect(record.ledger.samples == 12_000)
      #expect(record.ledger[.load].maximum < 0.02 * record.ledger.elapsed.maximum, "the model waited for its input")
      #expect(record.epochs.count == 2 && record.epochs[1].validation!.accuracy > 0.7)
    }

    @Test func evaluationOfSavedWeightsIsTheRuns() throws {
      let run = try train(ranks: 2, "--set globalBatch=100 --set epochs=1")
      let result = try Shell.lockstep(ranks: 3, "evaluate \(run.folder.path)")
      let validation = run.record.epochs[0].validation!
      #expect(result.status == 0)
      #expect(result.output.contains(String(format: "loss %.5f", validation.loss).dropLast(1)))
      #expect(result.output.contains(String(format: "accuracy %.2f %%", validation.accuracy * 100)))
    }

    @Test func convertedDataTrainsToTheSameBits() throws {
      let native = try TemporaryFolder()
      let conversion = try Shell.run("\(Shell.lockstep) convert launch/data/fashion-mnist-subset \(native.path)")
      #expect(conversion.status == 0, "\(conversion.errors)")
      let arguments = "--set globalBatch=256 --set microBatch=64 --set steps=5"
      let fromImages = try train(ranks: 2, arguments).record.weightsSHA256
      let fromNative = try train(ranks: 2, arguments + " --set data.path=\(native.path)").record.weightsSHA256
      #expect(fromImages == fromNative)
    }

    @Test func moreRanksThanMicrobatchesWorks() throws {
      let record = try train(ranks: 4, "--set globalBatch=64 --set microBatch=32 --set steps=4").record
      #expect(record.ledger.samples == 256)
    }

    @Test func divergenceIsReportedWithStepAndRankAndKept() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2, "train \(smallRun) --set learningRate.base=1e9 --set globalBatch=64 --output \(folder.path)")
      #expect(result.status != 0)
      #expect(result.ownErrors.count == 1 && result.errors.contains("diverged at update"), "\(result.errors)")
      guard case .diverged = try RunRecord.read(folder.file("run.json")).outcome else {
        Issue.record("the record does not say that the run diverged")
        return
      }
    }
  }
}
