import Foundation
import Testing

extension CommandTests {
  /// A run that starts from a saved model goes on with that model, or says in what it would not.
  @Suite(.serialized) struct Continuation {
    private static let run = "\(smallRun) --set steps=2 --set globalBatch=64"

    private func model(_ kind: String) -> String { "--set 'model={kind: \(kind)}'" }

    private func result(from folder: TemporaryFolder, _ arguments: String) throws -> Shell.Result {
      let next = try TemporaryFolder()
      return try Shell.run(
        "\(Shell.lockstep) train \(Self.run) --from \(folder.path) --output \(next.path) \(arguments)")
    }

    @Test func everyKeyThatTheModelKnowsIsCompared() throws {
      let dense = "mlp, widths: [8, 8]"
      let (_, mlp) = try train(
        ranks: 1, "--set steps=2 --set globalBatch=64 \(model(dense)) --set data.normalization=unit")
      let unit = "--set data.normalization=unit"
      for (arguments, words) in [
        (model(dense), ["data.normalization is standard here and unit there"]),
        ("\(unit) \(model("mlp, widths: [8]"))", ["model.widths is [8] here and [8, 8] there"]),
        ("\(unit) \(model("logistic"))", ["model.kind is logistic here and mlp there"]),
        ("\(unit) \(model("mlp, widths: [8, 8], batchNorm: true"))", ["model.batchNorm is true here and false there"]),
      ] { expectOneError(try result(from: mlp, arguments), [mlp.path, "another model"] + words) }
      // Settings that only change how training goes on.
      for arguments in ["", "--set globalBatch=128", "--set learningRate.base=0.001 --set seed=5"] {
        let next = try result(from: mlp, "\(unit) \(model(dense)) \(arguments)")
        #expect(next.status == 0, "\(next.text)")
      }
      let dropped = try result(from: mlp, "\(unit) \(model("mlp, widths: [8, 8], dropout: 0.5"))")
      #expect(dropped.status == 0, "\(dropped.text)")
    }

    /// Another number of samples that batch norm takes together is another noise: it must be said.
    @Test func anotherGhostBatchMustBeMeant() throws {
      let norm = model("mlp, widths: [8], batchNorm: true")
      let (_, folder) = try train(ranks: 1, "--set steps=2 --set globalBatch=64 --set microBatch=16 \(norm)")
      expectOneError(
        try result(from: folder, "\(norm) --set microBatch=32"), ["ghostBatch is 32 here and 16 there", "set it"])
      for batch in [16, 32] {
        let next = try result(from: folder, "\(norm) --set microBatch=32 --set ghostBatch=\(batch)")
        #expect(next.status == 0, "\(next.text)")
      }
    }

    @Test func filtersOfConvolutionsAreCompared() throws {
      let (_, folder) = try train(
        ranks: 1, "--set steps=1 --set globalBatch=64 \(model("cnn, filters: [2], hidden: 4"))")
      expectOneError(
        try result(from: folder, model("cnn, filters: [3], hidden: 4")), ["model.filters is [3] here and [2] there"])
      expectOneError(
        try result(from: folder, model("cnn, filters: [2], hidden: 5")), ["model.hidden is 5 here and 4 there"])
    }
  }
}
