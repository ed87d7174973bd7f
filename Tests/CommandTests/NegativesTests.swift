import Foundation
import Testing
import Training

extension CommandTests {
  /// Real flights, of which one in four is late, with a tenth of those on time to learn from.
  @Suite(.serialized) struct Negatives {
    private static let run = """
      model: {kind: logistic}
      data: {path: data, limit: 60000, validation: {count: 20000}, negatives: {keep: 0.1}}
      globalBatch: 256
      epochs: 2
      optimizer: {kind: adam}
      tables: {optimizer: lazyAdam}
      learningRate: {base: 0.01}
      execution: {summation: reproducible, threads: 1}
      """

    private func trained() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      try Self.run.write(to: folder.file("run.yaml"), atomically: true, encoding: .utf8)
      let converted = try Shell.run(
        "\(Shell.lockstep) convert \(Convert.flights) \(folder.path)/data --schema \(Convert.schema)")
      try #require(converted.status == 0, "\(converted.text)")
      let result = try Shell.lockstep(
        ranks: 2, "train \(folder.path)/run.yaml --output \(folder.path)/model")
      try #require(result.status == 0, "\(result.text)")
      #expect(result.text.contains("predictions are corrected for that"), "\(result.text)")
      return folder
    }

    @Test func predictionsAreCalibrated() throws {
      let folder = try trained()
      let record = try RunRecord.read(folder.file("model/run.json"))
      let quality = try #require(record.finalValidation)
      #expect(0.9...1.1 ~= quality.calibration!, "\(quality)")
      #expect(record.dataset.trainingSamples < 16_000)
      // A saved model is the same, on any number of ranks.
      let wanted = String(format: "AUC %.6f", try #require(record.finalTest?.areaUnderCurve))
      for ranks in 1...3 {
        let result = try Shell.lockstep(ranks: ranks, "evaluate \(folder.path)/model --training-set")
        #expect(result.status == 0 && result.output.contains(wanted), "\(result.text)")
        #expect(result.output.contains("note: the model learnt from"), "\(result.text)")
      }
      // Predictions are what was judged.
      let (model, data) = ("\(folder.path)/model", "\(folder.path)/data")
      let predicted = try predict(model, data, batch: 512, "--split test").floats
      let mean = predicted.reduce(0.0) { $0 + Double($1) } / Double(predicted.count)
      let raw = try withoutCorrection(folder)
      let shift = log(try #require(ModelFile.read(folder.file("model/model.json")).keptNegatives))
      let corrected = raw.map { 1 / (1 + exp(-(log(Double($0) / (1 - Double($0))) + shift))) }
      #expect(zip(predicted, corrected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
      let uncorrected = raw.reduce(0.0) { $0 + Double($1) } / Double(raw.count)
      #expect(uncorrected / mean > 2, "\(uncorrected) without, \(mean) with")
    }

    /// The predictions of the same weights whose description does not know of it.
    private func withoutCorrection(_ folder: TemporaryFolder) throws -> [Float] {
      let copy = "\(folder.path)/raw"
      let result = try Shell.run(
        "cp -r \(folder.path)/model \(copy) && cd \(copy) && rm manifest.json && sed -i '/keptNegatives/d' model.json")
      try #require(result.status == 0, "\(result.text)")
      return try predict(copy, "\(folder.path)/data", batch: 512, "--split test").floats
    }

    @Test func ranksAreOnlyExecution() throws {
      let folder = try trained()
      let wanted = try RunRecord.read(folder.file("model/run.json"))
      for ranks in [1, 3, 4] {
        let name = "model\(ranks)"
        let result = try Shell.lockstep(
          ranks: ranks, "train \(folder.path)/run.yaml --output \(folder.path)/\(name) --quiet")
        try #require(result.status == 0, "\(result.text)")
        let record = try RunRecord.read(folder.file("\(name)/run.json"))
        #expect(record.weightsSHA256 == wanted.weightsSHA256, "\(ranks) ranks")
        #expect(record.finalValidation?.areaUnderCurve == wanted.finalValidation?.areaUnderCurve, "\(ranks) ranks")
      }
    }
  }
}
