import Foundation
import Testing
import Training

extension CommandTests {
  @Suite(.serialized) struct TextServing {
    private static let schema = """
      name: shop
      format: csv
      label: bought
      split: {column: part, train: a, test: b}
      dense: {price: {transform: log, standardize: true}}
      ids: {site: {vocabulary: 2}, user: {hash: 50}}
      """

    /// Rows of which the site says something about the label; the last quarter are for testing.
    private static func text() -> (all: String, test: String) {
      let header = "user,part,bought,site,price\n"
      let rows = (0..<2000).map { row in
        let site = row * 7 % 23
        let part = row < 1500 ? "a" : "b"
        return "u\(row * 13 % 101),\(part),\((site + row % 3) % 4 == 0 ? 1 : 0),s\(site)x,\(Double(row % 97) / 4)\n"
      }
      return (header + rows.joined(), header + rows[1500...].joined())
    }

    /// A model of the text, converted.
    private func trained() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      let text = Self.text()
      let files = [("all.csv", text.all), ("test.csv", text.test), ("schema.yaml", Self.schema)]
      for (name, text) in files { try text.write(to: folder.file(name), atomically: true, encoding: .utf8) }
      let run = """
        model: {kind: deepfm, embedding: 4, widths: [8]}
        data: {path: data}
        globalBatch: 100
        epochs: 2
        optimizer: {kind: adam}
        learningRate: {base: 0.01}
        """
      try run.write(to: folder.file("run.yaml"), atomically: true, encoding: .utf8)
      let command = """
        cd \(folder.path) && \(Shell.lockstep) convert all.csv data --schema schema.yaml &&
        \(Shell.lockstep) train run.yaml --output model --quiet
        """
      let result = try Shell.run(command)
      try #require(result.status == 0, "\(result.text)")
      return folder
    }

    @Test func predictionsOfTextAreThoseOfTheConvertedForm() throws {
      let folder = try trained()
      let model = folder.file("model").path
      let converted = try predict(model, folder.file("data").path, batch: 64)
      #expect(converted.count == 4 * 500 && Set(converted.floats).count > 100)
      let arguments = "--schema \(folder.file("schema.yaml").path)"
      for ranks in 1...2 {
        #expect(try predict(model, folder.file("test.csv").path, ranks: ranks, batch: 64, arguments) == converted)
      }
      let all = try predict(model, folder.file("all.csv").path, batch: 64, arguments)
      #expect(all.count == 4 * 2000, "a split column leaves no row out")
    }

    /// Neither the label nor the split is looked at; what the model needs must be there.
    @Test func predictionsNeedNoLabel() throws {
      let folder = try trained()
      let model = folder.file("model").path
      let arguments = "--schema \(folder.file("schema.yaml").path)"
      let labelled = try predict(model, folder.file("test.csv").path, batch: 64, arguments)
      let rows = Self.text().test.split(separator: "\n").map { $0.split(separator: ",") }
      func write(_ columns: [Int]) throws {
        let text = rows.map { row in columns.map { String(row[$0]) }.joined(separator: ",") }
        try text.joined(separator: "\n").write(to: folder.file("new.csv"), atomically: true, encoding: .utf8)
      }
      try write([3, 0, 4])
      for ranks in 1...3 {
        #expect(try predict(model, folder.file("new.csv").path, ranks: ranks, batch: 64, arguments) == labelled)
      }
      let scored = "predict \(model) \(folder.path)/new.csv \(arguments) --output \(folder.path)/p.csv"
      let evaluated = "evaluate \(model) --data \(folder.path)/new.csv \(arguments)"
      expectOneError(try Shell.lockstep(ranks: 2, evaluated), ["new.csv has no column 'bought'"])
      try write([3, 0])
      expectOneError(try Shell.lockstep(ranks: 2, scored), ["new.csv has no column 'price'", "schema.yaml:5"])
      #expect(!Shell.fileExists(folder.file("p.csv")))
    }

    /// Each rank checks the lines that it scores; the first malformed one is named, whoever finds it.
    @Test func aMalformedLineIsNamedOnce() throws {
      let folder = try trained()
      var lines = Self.text().test.split(separator: "\n").map(String.init)
      for line in [310, 460] { lines[line] = "u1,b,1,s1x,cheap" }
      try lines.joined(separator: "\n").write(to: folder.file("new.csv"), atomically: true, encoding: .utf8)
      let command =
        "predict \(folder.path)/model \(folder.path)/new.csv --schema \(folder.path)/schema.yaml --batch 50 "
        + "--output \(folder.path)/p.csv"
      for ranks in 1...3 {
        expectOneError(
          try Shell.lockstep(ranks: ranks, command), ["new.csv:311: 'price' is 'cheap', not a number; mend the text"])
        #expect(!Shell.fileExists(folder.file("p.csv")))
      }
    }

    @Test func evaluationOfTextIsThatOfTheConvertedForm() throws {
      let folder = try trained()
      let command = "evaluate \(folder.file("model").path)"
      let converted = try Shell.lockstep(ranks: 2, command)
      #expect(converted.status == 0 && converted.output.contains("AUC 0."), "\(converted.text)")
      let text = "--data \(folder.file("test.csv").path) --schema \(folder.file("schema.yaml").path)"
      let result = try Shell.lockstep(ranks: 2, "\(command) \(text)")
      #expect(converted.output.hasPrefix("test "), "\(converted.text)")
      #expect(result.output == converted.output.replacing(/^test/, with: "all rows"), "\(result.text)")
      // Fewer rows than the run's global batch.
      let few = Self.text().test.split(separator: "\n").prefix(30).joined(separator: "\n")
      try few.write(to: folder.file("test.csv"), atomically: true, encoding: .utf8)
      let short = try Shell.lockstep(ranks: 1, "\(command) \(text)")
      #expect(short.status == 0 && short.output.contains("29 samples"), "\(short.text)")
    }

    @Test func modelsOfImagesTakeNoText() throws {
      let (_, run) = try train(ranks: 1, "--set epochs=1")
      let folder = try trained()
      let result = try Shell.run(
        "\(Shell.lockstep) predict \(run.path) \(folder.path)/test.csv --schema \(folder.path)/schema.yaml "
          + "--output \(folder.path)/p.csv")
      expectOneError(result, ["test.csv", "learnt from images"])
    }

    @Test func unknownIDsAreSaid() throws {
      let folder = try trained()
      let model = folder.file("model").path
      let text = Self.text().test.replacingOccurrences(of: "x,", with: ".0,")
      try text.write(to: folder.file("new.csv"), atomically: true, encoding: .utf8)
      let arguments = "\(folder.path)/new.csv --schema \(folder.path)/schema.yaml"
      for ranks in 1...2 {
        let scored = try Shell.lockstep(ranks: ranks, "predict \(model) \(arguments) --output \(folder.path)/p.csv")
        #expect(scored.status == 0, "\(scored.text)")
        #expect(scored.output.contains("note: ids that the model does not know: site 100.0 %\n"), "\(scored.text)")
      }
      let evaluated = try Shell.lockstep(ranks: 2, "evaluate \(model) --data \(arguments)")
      expectOneError(
        evaluated, ["schema.yaml: all of the texts of 'site' in these rows are unknown", "allow: {unknown: 1}"])
    }

    /// By text and by shards: both keep the schema file, and neither needs it again.
    @Test func textIsReadAsTheModelsOwnWithoutItsSchemaFile() throws {
      let folder = try trained()
      let model = folder.file("model").path
      let arguments = "--schema \(folder.file("schema.yaml").path)"
      let test = folder.file("test.csv").path
      let given = try predict(model, test, batch: 64, arguments)
      let evaluated = try Shell.lockstep(ranks: 1, "evaluate \(model) --data \(test) \(arguments)")
      let direct =
        "train \(folder.path)/run.yaml --quiet --output \(folder.path)/direct --set data.path=\(folder.path)/all.csv "
        + "--set data.schema=\(folder.path)/schema.yaml"
      try #require(try Shell.lockstep(ranks: 1, direct).status == 0)
      try #require(try Shell.run("\(Shell.lockstep) export \(model) \(folder.path)/exported").status == 0)
      try FileManager.default.removeItem(at: folder.file("schema.yaml"))
      for model in ["model", "direct", "exported"].map({ folder.file($0).path }) {
        for ranks in 1...2 { #expect(try predict(model, test, ranks: ranks, batch: 64) == given) }
        let result = try Shell.lockstep(ranks: 1, "evaluate \(model) --data \(test)")
        #expect(result.status == 0 && result.output == evaluated.output, "\(result.text)")
      }
      // Its errors name the place.
      try "user,part,bought,site\nu1,b,1,s1x\n".write(to: folder.file("new.csv"), atomically: true, encoding: .utf8)
      let scored = "predict \(model) \(folder.path)/new.csv --output \(folder.path)/p.csv"
      expectOneError(
        try Shell.lockstep(ranks: 2, scored), ["model/model.json (schemaFile):5", "new.csv has no column 'price'"])
    }

    /// As earlier versions of Lockstep wrote it.
    @Test func aModelWithoutASchemaFileAsksForIt() throws {
      let folder = try trained()
      let stored = Shell.package.appendingPathComponent("Tests/Stored/deepfm").path
      for command in ["predict \(stored) DATA --output \(folder.path)/p.csv", "evaluate \(stored) --data DATA"] {
        let arguments = command.replacingOccurrences(of: "DATA", with: "\(folder.path)/test.csv")
        expectOneError(
          try Shell.lockstep(ranks: 2, arguments),
          ["test.csv", "deepfm/model.json", "give their schema file with --schema"])
      }
    }

    @Test func columnsAreCarriedBesideThePredictions() throws {
      let folder = try trained()
      let model = folder.file("model").path
      let rows = Self.text().test.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
      let plain = try predict(model, folder.file("test.csv").path, batch: 64, ending: "csv").rows
      for ranks in 1...3 {
        let carried = try predict(
          model, folder.file("test.csv").path, ranks: ranks, batch: 64, "--carry user --carry price --with-label",
          ending: "csv"
        ).rows
        #expect(carried.count == 501 && carried[0] == ["user", "price", "probability", "label"])
        for (index, row) in rows.enumerated() {
          let wanted = [String(row[0]), String(row[4]), plain[index + 1][0], String(row[2])]
          #expect(carried[index + 1] == wanted)
        }
      }
      let labelled = try predict(model, folder.file("data").path, batch: 64, "--with-label", ending: "csv").rows
      #expect(labelled.dropFirst().map { $0[1] } == rows.map { String($0[2]) }, "of converted data too")
    }

    @Test func logitsAreTheScoresOfTheProbabilities() throws {
      let folder = try trained()
      let (model, data) = (folder.file("model").path, folder.file("data").path)
      let probabilities = try predict(model, data, batch: 64).floats
      let logits = try predict(model, data, batch: 64, "--logits").floats
      #expect(zip(probabilities, logits).allSatisfy { $0 == Float(1 / (1 + exp(-Double($1)))) })
      #expect(Set(logits).count > 100 && logits.contains { $0 < 0 })
      let text = try predict(model, data, batch: 64, "--logits", ending: "csv").rows
      #expect(text[0] == ["logit"] && text.dropFirst().map { Float($0[0])! } == logits)
    }

    @Test func whatCannotBeCarriedIsSaid() throws {
      let folder = try trained()
      let (model, text) = (folder.file("model").path, folder.file("test.csv").path)
      for (arguments, words) in [
        ("\(text) --carry usr", ["test.csv: there is no column 'usr'", "did you mean 'user'?"]),
        ("\(folder.path)/data --carry user", ["--carry is for text", "--with-label"]),
        ("\(text) --unlabelled --with-label", ["--with-label needs labels"]),
        ("\(text) --carry user --carry user", ["p.csv", "two columns would be named 'user'"]),
        ("\(text) --split test", ["--split is for folders"]),
      ] {
        let result = try Shell.lockstep(ranks: 2, "predict \(model) \(arguments) --output \(folder.path)/p.csv")
        expectOneError(result, words)
        #expect(!Shell.fileExists(folder.file("p.csv")))
      }
    }

    @Test func flagsOfPrediction() throws {
      for (arguments, problem) in [
        ("--batch 2147483647", "--batch is 2147483647, but must be from 1 to 1048576"), ("--batch=-1", "--batch is -1"),
        ("--batch 0", "--batch is 0"), ("--threads 9223372036854775807", "--threads is 9223372036854775807"),
        ("--unlabelled", "--unlabelled is for text"),
      ] {
        expectOneError(try Shell.run("\(Shell.lockstep) predict m d --output p.csv \(arguments)"), [problem])
      }
    }

    @Test func pipesAreRefusedInAWord() throws {
      let folder = try trained()
      for data in ["<(cat test.csv)", "- < <(cat test.csv)"] {
        let result = try Shell.run(
          "cd \(folder.path); timeout 30 \(Shell.lockstep) predict model \(data) --schema schema.yaml --output p.csv")
        expectOneError(
          result, ["this is a pipe, which can be read only once", "write what comes out of it to a file first"])
      }
    }
  }
}
