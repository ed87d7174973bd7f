import Foundation
import Testing
import Training

extension CommandTests {
  /// Films of several genres, or none: from text to predictions.
  @Suite(.serialized) struct Values {
    private static let schema = """
      name: films
      format: csv
      label: liked
      split: {column: part, train: a, test: b}
      dense: [year]
      ids:
        user: {hash: 50}
        genres: {vocabulary: 2, values: {separator: '|', atMost: 2, pooling: mean}}
      """

    private static func text() -> String {
      let genres = ["Action", "Comedy", "Drama", "Horror", "Noir"]
      let rows = (0..<1200).map { row in
        let own = genres.indices.filter { (row * 7 + $0 * $0) % 5 < row % 3 }
        let liked = own.contains(1) != own.contains(3)
        let names = own.map { genres[$0] }.joined(separator: "|")
        return "u\(row * 13 % 41),\(names),\(row < 800 ? "a" : "b"),\(liked ? 1 : 0),\(Double(row % 17) / 17)"
      }
      return (["user,genres,part,liked,year"] + rows).joined(separator: "\n") + "\n"
    }

    @Test func areLearntFromTheSameOnAnyRanks() throws {
      let folder = try TemporaryFolder()
      let run = """
        model: {kind: deepfm, embedding: 4, embeddingDeviation: 0.1, widths: [8]}
        data: {path: data}
        globalBatch: 100
        microBatch: 25
        epochs: 3
        optimizer: {kind: adam}
        tables: {optimizer: lazyAdam}
        learningRate: {base: 0.02}
        execution: {summation: reproducible, threads: 1}
        """
      for (name, text) in [("films.csv", Self.text()), ("films.yaml", Self.schema), ("run.yaml", run)] {
        try text.write(to: folder.file(name), atomically: true, encoding: .utf8)
      }
      let path = folder.path
      let converted = try Shell.run(
        "\(Shell.lockstep) convert \(path)/films.csv \(path)/data --schema \(path)/films.yaml")
      try #require(converted.status == 0, "\(converted.text)")
      let records = try (1...4).map { ranks in
        let result = try Shell.lockstep(ranks: ranks, "train \(path)/run.yaml --quiet --output \(path)/model\(ranks)")
        try #require(result.status == 0, "\(result.text)")
        return try RunRecord.read(folder.file("model\(ranks)/run.json"))
      }
      #expect(Set(records.map(\.weightsSHA256)).count == 1)
      #expect(try #require(records[0].finalValidation?.areaUnderCurve) > 0.8)
      let inspected = try Shell.run("\(Shell.lockstep) inspect \(path)/data")
      #expect(inspected.output.contains("the mean of up to 2 values between '|'"), "\(inspected.text)")
      let binary = try predict("\(path)/model1", "\(path)/data", batch: 64)
      try Self.text().split(separator: "\n").enumerated().filter { $0.offset == 0 || $0.offset > 800 }.map(\.element)
        .joined(separator: "\n").write(to: folder.file("new.csv"), atomically: true, encoding: .utf8)
      let arguments = "--schema \(path)/films.yaml"
      #expect(try predict("\(path)/model1", "\(path)/new.csv", ranks: 2, batch: 64, arguments) == binary)
      // A model of other pooling is another model.
      let other = Self.schema.replacingOccurrences(of: "mean", with: "sum")
      try other.write(to: folder.file("films.yaml"), atomically: true, encoding: .utf8)
      let refused = try Shell.run(
        "\(Shell.lockstep) predict \(path)/model1 \(path)/new.csv \(arguments) --output \(path)/p.csv")
      expectOneError(refused, ["the column 'genres' is not as the model"])
    }
  }
}
