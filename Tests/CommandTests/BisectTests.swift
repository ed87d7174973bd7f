import Foundation
import Testing
import Training

extension CommandTests {
  /// Two runs that ought to be the same.
  @Suite(.serialized) struct Bisecting {
    private static let model =
      "--set model.widths=[32] --set globalBatch=128 --set microBatch=32 --set steps=12 --trail"
    private static let exact = "\(model) --set execution.summation=reproducible --set execution.threads=1"

    private func bisect(_ a: TemporaryFolder, _ b: TemporaryFolder) throws -> Shell.Result {
      try Shell.run("\(Shell.lockstep) bisect \(a.path) \(b.path)")
    }

    /// Writes a trail again with other sums in it, as the same run on a faulty machine would have left it.
    private func change(_ folder: TemporaryFolder, _ change: (inout [TrailPart]) -> Void) throws {
      let file = try TrailFile(folder.file(TrailWriter.name).path)
      let writer = try TrailWriter(in: folder.path, file.header)
      while var parts = try file.nextStep() {
        change(&parts)
        writer.write(parts)
      }
      try writer.finish(mark: file.mark)
    }

    @Test func runsOnTwoRanksAndOnThreeAreEqual() throws {
      let (_, two) = try train(ranks: 2, Self.exact)
      let (_, three) = try train(ranks: 3, Self.exact)
      let result = try bisect(two, three)
      #expect(result.status == 0 && result.output.contains("equal to the bit: updates 1 to 12,"), "\(result.text)")
      #expect(result.output.contains("A: \(two.path), 2 ranks, 12 updates, "), "\(result.text)")
    }

    @Test func theFirstDifferenceIsSaid() throws {
      let (_, one) = try train(ranks: 1, Self.exact)
      let (_, two) = try train(ranks: 2, Self.exact)
      try change(two) {
        guard $0[0].update >= 5 else { return }
        $0[1].microbatches[0].gradients[1] ^= 1
        $0[1].microbatches[1].samples ^= 1
      }
      let result = try bisect(one, two)
      #expect(result.status == 1 && result.ownErrors.isEmpty, "\(result.text)")
      #expect(result.output.contains("equal to the bit: updates 1 to 4\n"), "\(result.text)")
      #expect(
        result.output.contains(
          "first difference: update 5 (epoch 1): microbatch 3 of 4, by rank 0 of A and rank 1 of B: the gradient of dense2.bias, in the "
            + "backward pass"), "\(result.text)")
      #expect(result.output.contains("of that update's 4 microbatches 2 differ: 3, 4\n"), "\(result.text)")
    }

    @Test func aMemoryThatChangedIsNamed() throws {
      let (_, one) = try train(ranks: 2, Self.model)
      let (_, two) = try train(ranks: 2, Self.model)
      #expect(try bisect(one, two).status == 0)
      try change(one) { if $0[0].update == 7 { $0[0].changes = [0] } }
      let result = try bisect(one, two)
      #expect(result.status == 1, "\(result.text)")
      #expect(
        result.output.contains("update 7 (epoch 1): rank 0 of A: ")
          && result.output.contains(" changed since the update before, while nothing wrote to it"), "\(result.text)")
      #expect(result.output.contains("a third run with --trail tells which of the two is right"), "\(result.text)")
    }

    @Test func whatCannotBeComparedIsAnErrorWithItsRemedy() throws {
      let (_, one) = try train(ranks: 1, Self.model)
      let (_, two) = try train(ranks: 2, Self.model)
      expectOneError(try bisect(one, two), [one.path, two.path, "execution.summation=reproducible"])
      let (_, other) = try train(ranks: 1, "\(Self.model) --set globalBatch=64")
      expectOneError(try bisect(one, other), ["globalBatch is 128 there and 64 here"])
      let (_, without) = try train(ranks: 1, Self.model.replacingOccurrences(of: "--trail", with: ""))
      expectOneError(try bisect(without, one), [without.path, "run.trail", "--trail", "lockstep train"])
      let nowhere = try TemporaryFolder()
      expectOneError(try bisect(one, nowhere), [nowhere.path])
      expectOneError(try Shell.run("\(Shell.lockstep) bisect \(one.path)"), ["second"])
      // Another run's, and one that is cut.
      let file = one.file(TrailWriter.name)
      try FileManager.default.copyItem(at: file, to: without.file(TrailWriter.name))
      expectOneError(try bisect(one, without), [without.path, "of another run"])
      let bytes = try Data(contentsOf: file)
      try bytes.prefix(bytes.count / 2).write(to: file)
      expectOneError(try bisect(one, one), [file.path, "cut short or damaged", "--trail"])
    }

    @Test func aTrailGoesWithItsRun() throws {
      let (_, folder) = try train(ranks: 1, Self.model)
      let again = Self.model.replacingOccurrences(of: "--trail", with: "--overwrite")
      let result = try Shell.run(
        "\(Shell.lockstep) train \(BadInput.file) --set data.path=\(Shell.data) \(again) --output \(folder.path)")
      #expect(result.status == 0 && !result.output.contains(TrailWriter.name), "\(result.text)")
      #expect(!FileManager.default.fileExists(atPath: folder.file(TrailWriter.name).path))
    }

    @Test func workersLeaveNone() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run(
        "\(Shell.lockstep) train \(BadInput.file) --set data.path=\(Shell.data) \(Self.model) --output \(folder.path)/a "
          + "--set 'workers={count: 2, combine: adasum}'")
      expectOneError(result, ["--trail", "workers"])
    }
  }
}
