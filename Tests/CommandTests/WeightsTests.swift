import Foundation
import Testing
import Training

extension CommandTests {
  /// A weight of n is n rows, and a weight of 0 is none: with as many samples in all, a run comes to the same.
  @Suite(.serialized) struct Weights {
    private static let schema = """
      name: shop
      format: csv
      label: bought
      split: {column: part, train: a, test: b}
      dense: [price]
      ids: {site: {hash: 40}}
      """
    private static let run = """
      model: {kind: deepfm, embedding: 4, embeddingDeviation: 0.1, widths: [8]}
      data: {path: data}
      globalBatch: 600
      microBatch: 100
      epochs: 5
      learningRate: {base: 0.5}
      tables: {optimizer: sgd}
      execution: {summation: reproducible, threads: 1}
      """

    /// Weights of mean 1 in both splits: 0, 1 and 2 in turn.
    private static func text(repeating: Bool) -> String {
      let rows = (0..<900).flatMap { row -> [String] in
        let (site, part) = (row * 7 % 23, row < 600 ? "a" : "b")
        let text = "\(part),\((site + row % 5) % 4 == 0 ? 1 : 0),s\(site),\(Double(row % 97) / 97)"
        return repeating ? [String](repeating: text, count: row % 3) : ["\(text),\(row % 3)"]
      }
      return (["part,bought,site,price" + (repeating ? "" : ",w")] + rows).joined(separator: "\n") + "\n"
    }

    private func train(_ name: String, _ schema: String, _ text: String, ranks: Int, in folder: TemporaryFolder) throws
      -> RunRecord
    {
      let texts = [("\(name).csv", text), ("\(name).yaml", schema), ("run.yaml", Self.run)]
      for (file, text) in texts { try text.write(to: folder.file(file), atomically: true, encoding: .utf8) }
      let path = folder.path
      let converted = try Shell.run(
        "\(Shell.lockstep) convert \(path)/\(name).csv \(path)/\(name) --schema \(path)/\(name).yaml")
      try #require(converted.status == 0, "\(converted.text)")
      if schema.contains("weight") { #expect(converted.output.contains("0, 1.00, 2.00"), "\(converted.text)") }
      let arguments = "--quiet --output \(path)/\(name)-\(ranks) --set data.path=\(path)/\(name)"
      let result = try Shell.lockstep(ranks: ranks, "train \(path)/run.yaml \(arguments)")
      try #require(result.status == 0, "\(result.text)")
      return try RunRecord.read(folder.file("\(name)-\(ranks)/run.json"))
    }

    @Test func areRowsSeveralTimes() throws {
      let folder = try TemporaryFolder()
      let repeated = try train("repeated", Self.schema, Self.text(repeating: true), ranks: 1, in: folder)
      let schema = "weight: w\n" + Self.schema
      let weighted = try train("weighted", schema, Self.text(repeating: false), ranks: 1, in: folder)
      for (one, other) in zip(weighted.epochs, repeated.epochs) {
        #expect(abs(one.training.loss - other.training.loss) < 1e-5)
        #expect(abs(one.training.accuracy - other.training.accuracy) < 1e-9)
        let (a, b) = (try #require(one.validation), try #require(other.validation))
        #expect(abs(a.loss - b.loss) < 1e-5 && abs(a.accuracy - b.accuracy) < 1e-9)
        #expect(abs(a.normalizedEntropy! - b.normalizedEntropy!) < 1e-5 && abs(a.calibration! - b.calibration!) < 1e-5)
      }
      #expect(weighted.epochs[4].training.loss < weighted.epochs[0].training.loss - 0.01)
      for ranks in 2...4 {
        let record = try train("weighted", schema, Self.text(repeating: false), ranks: ranks, in: folder)
        #expect(record.weightsSHA256 == weighted.weightsSHA256, "\(ranks) ranks")
      }
      let evaluated = try Shell.lockstep(ranks: 3, "evaluate \(folder.path)/weighted-1")
      let loss = String(format: "log loss %.6f", weighted.finalValidation!.loss)
      #expect(evaluated.status == 0 && evaluated.output.contains(loss), "\(evaluated.text)")
    }
  }
}
