import Configuration
import Foundation
import Testing

@Suite struct SearchConfigurationTests {
  let folder = ScratchFolder()

  static let study = """
    name: search
    run:
      model: {kind: mlp, widths: [8]}
      data: {path: data, validation: {fraction: 0.1}}
      epochs: 2
    axes: {globalBatch: [64, 256], seed: [1, 2]}
    search: {trials: 5, seed: 9, learningRate.base: {log: [1e-3, 10]}, optimizer.momentum: {oneMinusLog: [1e-3, 1]}}
    cost: {pricePerNodeHour: 0.5, ranksPerNode: 2}

    """

  func load(_ text: String = study, _ overrides: String...) throws -> StudyConfiguration {
    try StudyConfiguration.load(file: folder.write("study.yaml", text), overrides: overrides)
  }

  private func error(_ change: (String, String), _ overrides: String...) throws -> String {
    let text = Self.study.replacingOccurrences(of: change.0, with: change.1)
    let file = folder.write("study.yaml", text)
    let error = #expect(throws: ConfigurationError.self) {
      _ = try StudyConfiguration.load(file: file, overrides: overrides)
    }
    return try #require(error).description.replacingOccurrences(of: folder.path + "/", with: "")
  }

  @Test func readsASearch() throws {
    let search = try #require(try load().search)
    #expect(search.trials == 5 && search.seed == 9)
    #expect(
      search.ranges == [
        .init(key: "learningRate.base", scale: .log, low: 1e-3, high: 10),
        .init(key: "optimizer.momentum", scale: .oneMinusLog, low: 1e-3, high: 1),
      ])
    let nested =
      "{trials: 5, seed: 9, optimizer: {momentum: {oneMinusLog: [1e-3, 1]}}, learningRate: {base: {log: [1e-3, 10]}}}"
    #expect(try load(Self.study, "search=\(nested)").search == search)
    #expect(try load(Self.study, "search.trials=7").search?.trials == 7)
  }

  @Test func settingsLieInTheRangesAndGrowInPlace() throws {
    let settings = try #require(try load().search).settings
    #expect(settings.count == 5 && Set(settings).count == 5)
    for setting in settings {
      let (rate, momentum) = (try #require(setting.values["learningRate.base"]), setting.values["optimizer.momentum"])
      #expect(try (1e-3...10).contains(rate) && (0...0.999).contains(#require(momentum)))
    }
    #expect(try #require(try load(Self.study, "search.trials=50").search).settings.prefix(5) == settings[...])
    // Half of the logarithms lie below the middle, 0.1.
    let many = try #require(try load(Self.study, "search.trials=64").search).settings
    #expect(many.filter { $0.values["learningRate.base"]! < 0.1 }.count == 32)
  }

  @Test func aValueHasSixDigits() {
    let range = StudySearch.Range(key: "k", scale: .log, low: 1e-4, high: 10)
    #expect(range.value(at: 0) == 1e-4 && range.value(at: 0.5) == 0.0316228)
    #expect(StudySearch.Range(key: "k", scale: .linear, low: -1, high: 1).value(at: 0.75) == 0.5)
    #expect(StudySearch.Range(key: "k", scale: .oneMinusLog, low: 0.01, high: 1).value(at: 0.5) == 0.9)
  }

  @Test(arguments: [
    ("learningRate.base", "learningRate.bse", "study.yaml:7: unknown key 'bse' (did you mean 'base'?)"),
    ("optimizer.momentum", "optimiser.momentum", "study.yaml:7: unknown key 'optimiser' (did you mean 'optimizer'?)"),
    (
      "[1e-3, 10]", "[10, 1e-3]",
      "study.yaml:7: search.learningRate.base.log is [10.0, 0.001], an empty range: the first must be less than the second"
    ),
    ("[1e-3, 10]", "[1, 1]", "search.learningRate.base.log is [1.0, 1.0], an empty range"),
    ("[1e-3, 10]", "[0, 1]", "search.learningRate.base.log begins at 0.0, which has no logarithm"),
    ("[1e-3, 10]", "[1]", "search.learningRate.base.log needs two values"),
    ("log: [1e-3, 10]", "log2: [1e-3, 10]", "search.learningRate.base.log2 is a list, not a range"),
    (
      "trials: 5", "trails: 5",
      "study.yaml:7: search.trails is '5', not a range such as {log: [1e-4, 10]} (did you mean 'trials'?)"
    ),
    ("trials: 5", "trials: 0", "study.yaml:7: search.trials is 0, but must be at least 1"),
    ("trials: 5", "trials: 1001", "study.yaml:7: search.trials is 1001, but must be at most 1000"),
    ("seed: 9", "seed: 2", "study.yaml:7: search.seed is 2, one of axes.seed"),
    (
      ", validation: {fraction: 0.1}", "",
      "study.yaml:7: search chooses by the validation split, and the run's data has none"
    ),
    ("{oneMinusLog: [1e-3, 1]}", "{linear: [0, 2]}", "search.optimizer.momentum is 1."),
    (
      "axes: {", "axes: {learningRate: [0.1], ",
      "study.yaml:7: search searches over 'learningRate.base', which axes.learningRate varies"
    ),
    ("optimizer.momentum", "model.dropout", "study.yaml:7: search cannot search over"),
    (
      ", learningRate.base: {log: [1e-3, 10]}, optimizer.momentum: {oneMinusLog: [1e-3, 1]}", "",
      "study.yaml:7: search names no key to search over"
    ),
    (
      "optimizer.momentum: ", "learningRate: {base: {log: [1, 2]}}, optimizer.momentum: ",
      "search holds 'learningRate.base' twice"
    ),
    ("cost:", "calls: {}\ncost:", "'search' means nothing with calls"),
    (
      "cost:", "variants: [{name: a, set: {optimizer.momentum: 0.5}}]\ncost:",
      "'optimizer.momentum' cannot be set here: use 'search.optimizer.momentum'"
    ),
    (
      "cost:", "variants: [{name: a, set: {optimizer.kind: adam}}]\ncost:",
      "study.yaml:7: 'run.optimizer.momentum' means nothing with run.optimizer.kind adam"
    ),
  ])
  func aWrongSearchIsOneError(old: String, new: String, words: String) throws {
    let error = try error((old, new))
    #expect(error.contains(words), "\(error)")
  }

  @Test func itComesBackFromWhatWasStored() throws {
    let study = try load()
    let text = String(decoding: try JSONEncoder().encode(study), as: UTF8.self)
    let read = try Data(text.utf8).withUnsafeBytes {
      try StudyConfiguration(try ConfigurationNode(json: $0, source: "study.json"))
    }
    #expect(read == study)
    #expect(read.search?.settings == study.search?.settings)
    // A study that searches for nothing says nothing of it.
    let plain = try load(Self.study, "search=null")
    #expect(try !String(decoding: JSONEncoder().encode(plain), as: UTF8.self).contains("\"search\":"))
  }

  /// The usual rate of tables is theirs only where nobody names one.
  @Test func tablesFollowASearchedRate() throws {
    let text = """
      name: clicks
      run:
        model: {kind: deepfm, widths: [8]}
        data: {path: data, evaluateOn: validation}
        epochs: 1
        optimizer: {kind: adam}
        tables: {optimizer: adagrad}
      axes: {globalBatch: [64], seed: [1]}
      search: {trials: 3, learningRate.base: {log: [1e-4, 1e-2]}}
      cost: {pricePerNodeHour: 0.5, ranksPerNode: 2}
      """
    #expect(try load(text).run.tables.baseRate == nil)
    #expect(try load(text, "search={trials: 3, tables.baseRate: {log: [1e-4, 1e-2]}}").search?.trials == 3)
  }

  @Test func pairsAndDifferencesOfClaims() throws {
    func claim(_ keys: String) throws -> StudyClaim {
      let text = Self.study + "claims: [{source: s, text: t, measure: testAccuracy, atLeast: 0.5, \(keys)}]\n"
      return try #require(try load(text).claims?.first)
    }
    let plain = try claim("of: {globalBatch: 64}")
    #expect(!plain.isPaired && plain.paired == nil && plain.quantity.minus == nil)
    let gap = try claim("of: {globalBatch: 64}, minus: {globalBatch: 256}, over: {scaling: linear}, leastSeeds: 2")
    #expect(gap.isPaired && gap.quantity.minus?.values.globalBatch == 256 && gap.leastSeeds == 2)
    #expect(try claim("paired: true, over: {globalBatch: 64}").isPaired)
    for (keys, words) in [
      ("leastSeeds: 2", "leastSeeds counts seeds: set 'paired: true'"),
      ("minus: {globalBatch: 64}, paired: false", "a difference or slope is always paired by seed"),
      ("minus: {globalBatch: 64}, overMeasure: testLoss", "both 'minus' and 'overMeasure'"),
      ("minus: {seed: 1}", "unknown key 'seed'"),
    ] {
      let error = #expect(throws: ConfigurationError.self) { _ = try claim(keys) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
    var study = try load()
    study.claims = [gap]
    let text = String(decoding: try JSONEncoder().encode(study), as: UTF8.self)
    let read = try Data(text.utf8).withUnsafeBytes {
      try StudyConfiguration(try ConfigurationNode(json: $0, source: "study.json"))
    }
    #expect(read.claims == [gap])
  }
}
