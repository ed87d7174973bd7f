import Foundation
import Testing
import Training

/// Quiet, on the bundled images.
let smallRun = "\(loudRun) --quiet"

/// The same, for tests that wait for what it says.
let loudRun = "launch/runs/fashion-mnist-mlp.yaml --set data.path=\(Shell.data)"

extension RunningCommand {
  /// Waits until a loud run has trained for an epoch: asked to end before it trains, it ends at once.
  func waitForTraining() throws {
    try #require(
      wait(atMost: 120) { output.contains("epoch 1 ") || !isRunning } && isRunning, "it does not train: \(output)")
  }
}

/// Trains, and must reach the end.
func train(ranks: Int, _ more: String) throws -> (record: RunRecord, folder: TemporaryFolder) {
  let folder = try TemporaryFolder()
  let result = try Shell.lockstep(ranks: ranks, "train \(smallRun) \(more) --output \(folder.path)")
  try #require(result.status == 0, "\(result.text)")
  return (try RunRecord.read(folder.file("run.json")), folder)
}

extension CommandTests {
  @Suite(.serialized) struct Train {
    private let fiveSteps = "--set globalBatch=256 --set microBatch=64 --set steps=5"

    @Test func everyRankCountAgreesWithOne() throws {
      let arguments = "--set globalBatch=1000 --set microBatch=96 --set steps=6 --set epochs=1"
      let one = try train(ranks: 1, arguments).record
      for ranks in 2...4 {
        let many = try train(ranks: ranks, arguments).record
        #expect(many.ranks == ranks && many.updates == 6)
        let (a, b) = (one.epochs[0], many.epochs[0])
        #expect(abs(a.training.loss - b.training.loss) < 1e-5 * a.training.loss)
        #expect(abs(a.validation!.loss - b.validation!.loss) < 1e-5 * a.validation!.loss)
        #expect(abs(a.weightDistance - b.weightDistance) < 1e-5 * a.weightDistance)
      }
    }

    @Test func twoRunsAreTheSameBitsAndAnotherSeedIsNot() throws {
      let seeds = [7, 7, 8]
      let hashes = try seeds.map { try train(ranks: 2, "\(fiveSteps) --set seed=\($0)").record.weightsSHA256 }
      #expect(hashes[0] == hashes[1] && hashes[0] != hashes[2] && hashes[0].count == 64)
    }

    @Test func reproducibleSumsAreTheSameBitsOnAnyRankCount() throws {
      // On some processors oneDNN's products have other bits with other numbers of threads.
      let arguments =
        "--set globalBatch=1000 --set microBatch=96 --set steps=3 --set execution.summation=reproducible "
        + "--set execution.threads=1"
      let hashes = try (1...4).map { try train(ranks: $0, arguments).record.weightsSHA256 }
      #expect(Set(hashes).count == 1)
    }

    @Test func accountsForItsTime() throws {
      let record = try train(ranks: 2, "--set globalBatch=256 --set microBatch=64 --set epochs=2").record
      let phases = record.ledger.phases.values.reduce(0) { $0 + $1.median }
      #expect(abs(phases - record.ledger.elapsed.median) < 0.01 * record.ledger.elapsed.median)
      #expect(record.ledger.exchangedBytes == record.updates * record.model.gradientBytes)
      #expect(record.ledger.samples == 12_000)
      #expect(record.epochs.count == 2 && record.epochs[1].validation!.accuracy > 0.7)
    }

    @Test func convertedDataTrainsToTheSameBits() throws {
      let native = try TemporaryFolder()
      let conversion = try Shell.run("\(Shell.lockstep) convert \(Shell.data) \(native.path)")
      #expect(conversion.status == 0, "\(conversion.text)")
      let fromImages = try train(ranks: 2, fiveSteps).record
      let fromNative = try train(ranks: 2, "\(fiveSteps) --set data.path=\(native.path)").record
      #expect(fromNative.dataset.path == native.path && fromNative.dataset.trainingSamples == 6000)
      #expect(fromImages.weightsSHA256 == fromNative.weightsSHA256)
    }

    /// OpenMP pins the first thread to one core before anything else runs: that is not all that the rank was given.
    @Test(
      .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "one core only"), arguments: ["true", "false"])
    func pinnedThreadsAreNoFewer(bind: String) throws {
      let folder = try TemporaryFolder()
      let run =
        "train \(BadInput.file) --overwrite --set data.path=\(Shell.data) --set steps=2 --output \(folder.path)"
      for more in ["", "--set execution.threads=2"] {
        let result = try Shell.run("OMP_PROC_BIND=\(bind) \(Shell.lockstep) \(run) \(more)")
        #expect(result.status == 0 && !result.output.contains("take turns"), "\(result.text)")
        let threads = try RunRecord.read(folder.file("run.json")).threadsPerRank
        #expect(threads == (more.isEmpty ? ProcessInfo.processInfo.activeProcessorCount : 2))
      }
    }

    @Test(arguments: [("", 1), ("--set execution.threads=2", 2)])
    func threadsAreAsOpenMPIsToldUnlessTheRunSaysHowMany(setting: String, threads: Int) throws {
      let folder = try TemporaryFolder()
      let run = "train \(smallRun) --set steps=2 --output \(folder.path) \(setting)"
      let result = try Shell.run("OMP_NUM_THREADS=1 \(Shell.lockstep) \(run)")
      #expect(result.status == 0, "\(result.text)")
      #expect(try RunRecord.read(folder.file("run.json")).threadsPerRank == threads)
    }

    /// However little memory a process may have, it ends, and what Lockstep itself could not get it names, with the limit.
    /// The libraries below it have words of their own.
    @Test func tooLittleMemoryIsSaid() throws {
      var said = 0
      for kilobytes in stride(from: 160_000, through: 320_000, by: 16_000) {
        let folder = try TemporaryFolder()
        let run = "train \(smallRun) --set steps=2 --output \(folder.path)"
        let result = try Shell.run("ulimit -v \(kilobytes); \(Shell.lockstep) \(run)")
        #expect(result.status == 0 || !result.errors.isEmpty && result.status != 124, "\(kilobytes) kB: \(result.text)")
        let own = result.ownErrors.filter { !$0.contains("stopped, as asked") }
        // What was refused names the limit; what is foreseen, what it leaves.
        let words = ["ulimit -v is \(kilobytes) kB", "a limit (ulimit -v) lets a process have"]
        #expect(own.allSatisfy { error in words.contains { error.contains($0) } }, "\(result.text)")
        said += own.count
      }
      #expect(said > 0, "no limit was too low")
    }

    @Test func moreRanksThanMicrobatchesWorks() throws {
      let idle = try train(ranks: 4, "--set globalBatch=64 --set microBatch=32 --set steps=4").record
      let busy = try train(ranks: 1, "--set globalBatch=64 --set microBatch=32 --set steps=4").record
      #expect(idle.ledger.samples == 256)
      #expect(abs(idle.epochs[0].training.loss - busy.epochs[0].training.loss) < 1e-5 * busy.epochs[0].training.loss)
    }

    @Test func evaluationOfSavedWeightsIsTheRuns() throws {
      let run = try train(ranks: 2, "--set globalBatch=100 --set epochs=1 --set evaluation.trainingSet=true")
      let result = try Shell.lockstep(ranks: 3, "evaluate \(run.folder.path) --training-set")
      try #require(result.status == 0, "\(result.text)")
      for (name, wanted) in [("training", run.record.finalTraining!), ("test", run.record.epochs[0].validation!)] {
        let line = try #require(result.output.split(separator: "\n").first { $0.hasPrefix(name) }, "\(result.text)")
        let numbers = line.split(separator: " ").compactMap { Double($0) }
        #expect(abs(numbers[0] - wanted.loss) < 2e-6, "\(line)")
        #expect(abs(numbers[1] - wanted.accuracy * 100) < 0.006, "\(line)")
      }
    }

    @Test func divergenceEndsTheRunWithStepAndRankAndIsKept() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2, "train \(smallRun) --set learningRate.base=1e9 --set globalBatch=64 --output \(folder.path)")
      #expect(result.failed && result.ownErrors.count == 1, "\(result.text)")
      guard case .diverged(let step, let rank, _) = try RunRecord.read(folder.file("run.json")).outcome else {
        Issue.record("the record does not say that the run diverged")
        return
      }
      // The model's place, found by computing the step again.
      expectOneError(
        result,
        [
          "diverged at update \(step) on rank \(rank)", "first in what layer dense", "for microbatch ",
          "lower learningRate",
        ])
    }
  }
}
