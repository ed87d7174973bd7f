import Foundation
import Testing
import Training

extension CommandTests {
  @Suite(.serialized) struct Serving {
    private let images =
      "--set 'optimizer={kind: adam}' --set learningRate.base=0.001 --set globalBatch=256 --set epochs=1"

    /// Moments of Adam are two arrays of the weights' size: what is left out is two thirds.
    @Test func exportLeavesOutTwoThirdsOfAnAdamModel() throws {
      let (_, run) = try train(ranks: 2, images)
      let exported = try TemporaryFolder()
      let result = try Shell.run("\(Shell.lockstep) export \(run.path) \(exported.path)")
      #expect(result.status == 0 && result.output.contains("(−66.7 %)"), "\(result.text)")
      let files = try FileManager.default.contentsOfDirectory(atPath: exported.path).sorted()
      #expect(files == ["manifest.json", "model.json", "weights.safetensors"])
      let sizes = try ["weights", "optimizer"].map { try Data(contentsOf: run.file("\($0).safetensors")).count }
      #expect(abs(Double(sizes[1]) / Double(sizes[0]) - 2) < 0.001)

      let kept = try Shell.run("\(Shell.lockstep) export \(run.path) \(exported.path) --keep-optimizer")
      #expect(kept.status == 0 && kept.output.contains("kept") && kept.output.contains("(0.0 %)"), "\(kept.text)")
      for name in ["weights", "optimizer"] {
        let file = "\(name).safetensors"
        #expect(try Data(contentsOf: run.file(file)) == Data(contentsOf: exported.file(file)))
      }
      // A state that was there before may not survive as another model's state.
      try #require(try Shell.run("\(Shell.lockstep) export \(run.path) \(exported.path)").status == 0)
      #expect(!Shell.fileExists(exported.file("optimizer.safetensors")))
    }

    @Test func predictionsOfImagesAreTheSameBitsAfterStrippingAndOnAnyRanks() throws {
      let (record, run) = try train(ranks: 2, images)
      let exported = try TemporaryFolder()
      try #require(try Shell.run("\(Shell.lockstep) export \(run.path) \(exported.path)").status == 0)
      let before = try predict(run.path, Shell.data, batch: 96)
      #expect(before.count == 4 * 10 * record.dataset.validationSamples)
      for ranks in 1...3 { #expect(try predict(exported.path, Shell.data, ranks: ranks, batch: 96) == before) }
      for row in stride(from: 0, to: 10_000, by: 10) {
        #expect(abs(before.floats[row..<row + 10].reduce(0, +) - 1) < 1e-5)
      }
      let text = String(decoding: try predict(run.path, Shell.data, batch: 96, ending: "csv"), as: UTF8.self)
      let rows = text.split(separator: "\n").dropFirst()
      #expect(rows.flatMap { $0.split(separator: ",").map { Float($0)! } } == before.floats)
    }

    /// What a model of bfloat16 is by its file: quality is what training saw, and predictions are not those of floats.
    @Test func aModelOfBFloat16IsEvaluatedAndPredictsWithIt() throws {
      let (record, run) = try train(ranks: 2, "\(images) --set precision=bfloat16 --set execution.bfloat16=rounded")
      let accuracy = try #require(record.finalValidation?.accuracy)
      #expect(record.bfloat16?.products == .rounded && record.bfloat16.map { $0.float32 > 1e8 } == true)
      for ranks in [1, 2] {
        let quality = try Shell.lockstep(ranks: ranks, "evaluate \(run.path)")
        let words = String(format: "accuracy %.2f %%", accuracy * 100)
        #expect(quality.status == 0 && quality.output.contains(words), "\(words): \(quality.text)")
      }
      let narrow = try predict(run.path, Shell.data, ranks: 2, batch: 96)
      let file = run.file("model.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try FileManager.default.removeItem(at: run.file("manifest.json"))
      try text.replacingOccurrences(of: "\"bfloat16\"", with: "\"float32\"").write(
        to: file, atomically: true, encoding: .utf8)
      let wide = try predict(run.path, Shell.data, ranks: 1, batch: 96)
      #expect(narrow != wide && zip(narrow.floats, wide.floats).allSatisfy { abs($0 - $1) < 0.05 })
    }

    @Test func predictionsOfClicksAreTheSameBitsAfterStrippingAndOnAnyRanks() throws {
      let clicks = try ClickRun()
      let record = try clicks.train("model")
      let export = try Shell.run("\(Shell.lockstep) export \(clicks.path("model")) \(clicks.path("exported"))")
      try #require(export.status == 0, "\(export.text)")
      let model = try ModelFile.read(clicks.folder.file("exported/model.json"))
      #expect(model.schema?.fields.count == 4 && model.idFields?.count == 4 && model.inputShape.count == 3)
      let before = try predict(clicks.path("model"), clicks.data, batch: 128)
      #expect(before.count == 4 * record.dataset.validationSamples)
      #expect(before.floats.allSatisfy { $0 > 0 && $0 < 1 } && Set(before.floats).count > 500)
      for ranks in 1...3 {
        #expect(try predict(clicks.path("exported"), clicks.data, ranks: ranks, batch: 128) == before)
      }
      let one = try predict(clicks.path("exported"), clicks.data + "/test-00000-of-00001.lockstep", batch: 128)
      #expect(one == before, "the file by itself is the split")
    }

    /// One step an epoch, over all samples: the order of samples does not matter, so that two runs of two steps are one
    /// of four if, and only if, the optimiser goes on where it stopped.
    @Test(arguments: TableOptimizers.all) func trainingGoesOnAsIfItHadNotStopped(optimizer: String) throws {
      let clicks = try ClickRun()
      let tables = "--set tables.optimizer=\(optimizer)"
      let whole = try clicks.train("whole", tables)
      _ = try clicks.train("first", "\(tables) --set epochs=2")
      let resumed = try clicks.train("second", "\(tables) --set epochs=2 --from \(clicks.path("first"))")
      let fresh = try clicks.train(
        "fresh", "\(tables) --set epochs=2 --from \(clicks.path("first")) --fresh-optimizer")
      let losses = [whole, resumed, fresh].map { $0.epochs.last!.validation!.loss }
      #expect(abs(losses[0] - losses[1]) < 1e-5 * losses[0], "\(losses)")
      #expect(abs(losses[0] - losses[2]) > 1e-4 * losses[0], "\(losses)")
    }

    enum TableOptimizers { static let all = ["adam", "lazyAdam", "adagrad", "rowwiseAdagrad", "ftrl"] }

    @Test func theNextDaysDataContinueAModel() throws {
      let clicks = try ClickRun()
      let today = try clicks.train("today")
      try clicks.synthesize("tomorrow", "\(ClickRun.synthesis) --seed 2")
      let next = try clicks.train(
        "next", "--from \(clicks.path("today")) --set data.path=\(clicks.path("tomorrow"))")
      #expect(next.weightsSHA256 != today.weightsSHA256 && next.epochs.count == 4)
    }

    /// Each with the model and data of one run, in folders of its own.
    static let mistakes = [
      Mistake("predict OUT/nothing DATA --output OUT/p.csv", "nothing/model.json", "lockstep train or export"),
      Mistake("predict OUT/model OUT/nothing --output OUT/p.csv", "OUT/nothing"),
      Mistake("predict OUT/model DATA --output OUT/p.txt", "p.txt", ".csv", ".bin"),
      Mistake("predict OUT/model DATA --output OUT/nothing/p.csv", "nothing/p.csv", "No such file"),
      Mistake("predict OUT/model DATA --output OUT/p.csv --batch 0", "--batch", "from 1 to"),
      Mistake("predict OUT/model DATA --output OUT/p.csv --split validation", "no validation split"),
      Mistake("predict OUT/model OUT/other --output OUT/p.csv", "OUT/other", "field 'c4'"),
      Mistake("predict OUT/model launch/data/fashion-mnist-subset --output OUT/p.csv", "field 1", "missing"),
      Mistake("predict OUT/short DATA --output OUT/p.csv", "short/weights.safetensors", "truncated"),
      Mistake("predict OUT/exchanged DATA --output OUT/p.csv", "exchanged/weights.safetensors", "weightsSHA256"),
      Mistake("evaluate OUT/exchanged", "exchanged/weights.safetensors", "weightsSHA256"),
      Mistake("evaluate OUT/later", "later/model.json", "version 2"),
      Mistake("evaluate OUT/laterRun", "laterRun/run.json", "version 2"),
      Mistake("predict OUT/later DATA --output OUT/p.csv", "later/model.json", "version 2"),
      Mistake("train RUN --output OUT/o --from OUT/exchanged", "exchanged/weights.safetensors", "weightsSHA256"),
      Mistake("predict OUT/huge DATA --output OUT/p.csv", "huge/model.json:", "embedding is 900000000", "at most 4096"),
      Mistake("predict OUT/model DATA --output OUT/p.csv --schema OUT/s.yaml", "data", "this is a folder"),
      Mistake("predict OUT/model RUN --output OUT/p.csv --schema OUT/none.yaml", "none.yaml", "no such file"),
      Mistake("predict OUT/model RUN --output OUT/p.csv --schema OUT/t.yaml", "t.yaml", "not as the model"),
      Mistake("predict OUT/model RUN --output OUT/p.csv --schema OUT/s.yaml --split test", "--split", "all rows"),
      Mistake("evaluate OUT/model --data OUT/other", "OUT/other", "field 'c4'"),
      Mistake("train RUN --output OUT/o --from OUT/nothing", "nothing/model.json"),
      Mistake("train RUN --output OUT/o --from OUT/short", "short/weights.safetensors", "truncated"),
      Mistake("train RUN --output OUT/o --from OUT/stripped", "no optimizer.safetensors", "--fresh-optimizer"),
      Mistake("train RUN --output OUT/o --fresh-optimizer", "--from"),
      Mistake(
        "train RUN --output OUT/o --from OUT/model --set model.embedding=5", "model.embedding is 5 here", "4 there"),
      Mistake(
        "train RUN --output OUT/o --from OUT/model --set model.widths=[16,8]", "model.widths is [16, 8] here",
        "[16] there"),
      Mistake("train RUN --output OUT/o --from OUT/model --set data.path=OUT/other", "OUT/other", "field 'c4'"),
      Mistake("train RUN --output OUT/o --from OUT/model --set optimizer.kind=sgd", "velocity", "--fresh-optimizer"),
      Mistake(
        "train RUN --output OUT/o --from OUT/model --set tables.optimizer=adagrad", "accumulator", "tables.optimizer"),
    ]

    @Test func mistakesGetOneClearError() throws {
      let clicks = try ClickRun()
      _ = try clicks.train("model")
      try clicks.synthesize("other", ClickRun.synthesis.replacingOccurrences(of: "200", with: "201"))
      try prepareDamage(clicks)
      for mistake in Self.mistakes {
        let words = ["OUT": clicks.folder.path, "DATA": clicks.data, "RUN": clicks.file]
        let replace = { (text: String) in words.reduce(text) { $0.replacingOccurrences(of: $1.key, with: $1.value) } }
        expectOneError(try Shell.lockstep(ranks: 2, replace(mistake.arguments)), mistake.names.map(replace))
        #expect(!Shell.fileExists(clicks.folder.file("p.csv")), "\(mistake.arguments)")
        #expect(!Shell.fileExists(clicks.folder.file("o/run.json")), "\(mistake.arguments)")
      }
    }

    /// A model cut short, one without its optimiser's state, one with another's weights and one that no memory holds;
    /// the schema of the data, were they text, and another one.
    private func prepareDamage(_ clicks: ClickRun) throws {
      _ = try clicks.train("another", "--set seed=2")
      let commands = """
        cd \(clicks.folder.path) && cp -r model short && truncate -s -100 short/weights.safetensors &&
        cp -r model stripped && rm stripped/optimizer.safetensors &&
        cp -r model later && rm later/manifest.json && sed -i 's/"version" : 1/"version" : 2/' later/*.json &&
        cp -r model laterRun && rm laterRun/manifest.json && sed -i 's/"version" : 1/"version" : 2/' laterRun/run.json &&
        cp -r model exchanged && cp another/weights.safetensors exchanged &&
        cp -r model huge && rm huge/manifest.json && sed -i -E 's/("embedding" *: *)4,/\\1900000000,/' huge/model.json
        """
      try #require(try Shell.run(commands).status == 0)
      let columns = try #require(ModelFile.read(clicks.folder.file("model/model.json")).schema).fields.map {
        if case .integer(let count) = $0.encoding { "\($0.column): {integer: \(count)}" } else { "" }
      }
      let schema =
        "{name: a, format: csv, label: label, dense: [i1, i2, i3], ids: {\(columns.joined(separator: ", "))}}"
      let files = [
        ("s.yaml", schema), ("t.yaml", schema.replacingOccurrences(of: "integer: 200", with: "integer: 201")),
      ]
      for (name, text) in files { try text.write(to: clicks.folder.file(name), atomically: true, encoding: .utf8) }
    }

    @Test(arguments: [
      ("export OUT/nothing OUT/e", ["nothing/model.json"]),
      ("export OUT/model OUT/model", ["own folder"]),
      ("export OUT/short OUT/e", ["short/weights.safetensors", "truncated"]),
      ("export OUT/model OUT/short/weights.safetensors", ["weights.safetensors", "in the way"]),
    ])
    func exportsMistakesGetOneClearError(arguments: String, names: [String]) throws {
      let (_, run) = try train(ranks: 1, images)
      let folder = try TemporaryFolder()
      let copies = "cp -r \(run.path) \(folder.path)/model && cp -r \(run.path) \(folder.path)/short"
      try #require(
        try Shell.run("\(copies) && truncate -s -100 \(folder.path)/short/weights.safetensors").status == 0)
      let result = try Shell.run(
        "\(Shell.lockstep) \(arguments.replacingOccurrences(of: "OUT", with: folder.path))")
      expectOneError(result, names)
      #expect(!Shell.fileExists(folder.file("e/model.json")))
    }
  }
}
