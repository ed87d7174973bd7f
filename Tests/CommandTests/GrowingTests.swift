import Foundation
import Testing
import Training

extension CommandTests {
  /// A model goes on with the next day's data, in which there are ids that it does not know.
  @Suite(.serialized) struct Growing {
    private static let schema = """
      {name: shop, format: csv, label: bought, split: {column: part, train: a, test: b},
       dense: {price: {standardize: true}}, ids: {site: {vocabulary: 2}, user: {vocabulary: 1}, hour: {hash: 10}}}
      """
    private static let run = """
      model: {kind: deepfm, embedding: 4, widths: [8]}
      data: {path: monday}
      globalBatch: 100
      microBatch: 25
      epochs: 1
      execution: {summation: reproducible}
      """

    /// - Parameter news: sites and users that no other day has, before and behind the others in the order of bytes.
    private static func text(news: Bool) -> String {
      let rows = (0..<800).map { row in
        let site = row * 7 % 23
        let isNew = news && row % 5 == 0
        let name = isNew ? (row % 2 == 0 ? "a\(row % 3)" : "z") : "s\(site)"
        return "\(isNew ? "new" : "u\(row * 13 % 31)"),\(name),\(row % 24),\(row < 600 ? "a" : "b"),"
          + "\((site + row % 3) % 4 == 0 ? 1 : 0),\(Double(row % 97) / 4)\n"
      }
      return "user,site,hour,part,bought,price\n" + rows.joined()
    }

    private func days() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      let files = [
        ("monday.csv", Self.text(news: false)), ("tuesday.csv", Self.text(news: true)), ("schema.yaml", Self.schema),
        ("run.yaml", Self.run),
      ]
      for (name, text) in files { try text.write(to: folder.file(name), atomically: true, encoding: .utf8) }
      let result = try Shell.run(
        """
        cd \(folder.path) && \(Shell.lockstep) convert monday.csv monday --schema schema.yaml &&
        \(Shell.lockstep) train run.yaml --output model --quiet &&
        \(Shell.lockstep) convert tuesday.csv tuesday --schema schema.yaml --like monday --grow
        """)
      try #require(result.status == 0, "\(result.text)")
      #expect(result.output.contains("new: 4 of the 27 texts of 'site', 1 of the 32 texts of 'user'"), "\(result.text)")
      return folder
    }

    private func goOn(_ folder: TemporaryFolder, _ name: String, ranks: Int = 1, _ more: String) throws -> Shell.Result
    {
      try Shell.lockstep(
        ranks: ranks,
        "train \(folder.path)/run.yaml --set data.path=\(folder.path)/tuesday --from \(folder.path)/model "
          + "--output \(folder.path)/\(name) --quiet \(more)")
    }

    /// At a rate that moves no float, known ids keep their scores to the bit, and new ones have their own.
    @Test func knownRowsKeepTheirWeights() throws {
      let folder = try days()
      let result = try goOn(folder, "same", "--grow --set steps=1 --set learningRate.base=1e-30")
      try #require(result.status == 0, "\(result.text)")
      #expect(
        result.output.contains("note: new rows for 4 of the 27 texts of 'site', 1 of the 32 texts of 'user'\n"),
        "\(result.text)")
      let (old, new) = (folder.file("model").path, folder.file("same").path)
      let monday = folder.file("monday.csv").path
      #expect(try predict(new, monday, batch: 64) == predict(old, monday, batch: 64))
      let tuesday = folder.file("tuesday.csv").path
      let (before, after) = (
        try predict(old, tuesday, batch: 64).floats, try predict(new, tuesday, batch: 64).floats
      )
      for row in before.indices { #expect((before[row] == after[row]) == (row % 5 != 0)) }
    }

    @Test func itIsTheSameOnAnyRanks() throws {
      let folder = try days()
      let hashes = try (1...3).map { ranks in
        let result = try goOn(folder, "on\(ranks)", ranks: ranks, "--grow")
        try #require(result.status == 0, "\(result.text)")
        return try RunRecord.read(folder.file("on\(ranks)/run.json")).weightsSHA256
      }
      #expect(Set(hashes).count == 1, "\(hashes)")
      // And what has grown goes on as any model.
      let again = try Shell.lockstep(
        ranks: 2,
        "train \(folder.path)/run.yaml --set data.path=\(folder.path)/tuesday --from \(folder.path)/on2 --grow --quiet "
          + "--output \(folder.path)/again")
      #expect(again.status == 0 && !again.output.contains("new rows"), "\(again.text)")
    }

    @Test func itMustBeAskedFor() throws {
      let folder = try days()
      expectOneError(
        try goOn(folder, "no", ranks: 2, ""), ["tuesday", "field 'site' has 28 ids, the model's 24", "with --grow"])
      #expect(!Shell.fileExists(folder.file("no/run.json")))
      // Vocabularies of its own: texts are missing, and so would be their rows.
      let own = try Shell.run(
        """
        cd \(folder.path) && grep -v ,s3, tuesday.csv > few.csv &&
        \(Shell.lockstep) convert few.csv few --schema schema.yaml --like monday --grow && rm -r tuesday &&
        sed -i 's/standardize: true/standardize: false/' schema.yaml &&
        \(Shell.lockstep) convert few.csv tuesday --schema schema.yaml
        """)
      try #require(own.status == 0, "\(own.text)")
      expectOneError(
        try goOn(folder, "no", ranks: 2, "--grow"), ["tuesday", "dense value 'price' is scaled in another way"])
      for (arguments, words) in [
        ("convert a b --schema s --grow", "--grow adds to the vocabularies of --like"),
        ("train run --output o --grow", "--grow means nothing without --from"),
      ] { expectOneError(try Shell.run("\(Shell.lockstep) \(arguments)"), [words]) }
    }
  }
}
