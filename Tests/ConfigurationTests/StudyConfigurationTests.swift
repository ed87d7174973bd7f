import Configuration
import Foundation
import Testing

@Suite struct StudyConfigurationTests {
  let folder = ScratchFolder()

  static let study = """
    name: sizes
    run:
      model: {kind: logistic}
      data: {path: data}
      epochs: 2
      learningRate: {base: 0.2, baseBatch: 64}
    axes:
      globalBatch: [64, 1000]
      scaling: [none, linear]
      seed: [3, 4]
    cost: {pricePerNodeHour: 0.5, ranksPerNode: 2}

    """

  func load(_ text: String, _ overrides: String...) throws -> StudyConfiguration {
    try StudyConfiguration.load(file: folder.write("study.yaml", text), overrides: overrides)
  }

  @Test func readsAStudy() throws {
    let study = try load(Self.study, "target.validationAccuracy=0.9", "run.epochs=5", "axes.ranks=[1, 2]")
    #expect(study.axes == .init(globalBatch: [64, 1000], scaling: [.none, .linear], seed: [3, 4], ranks: [1, 2]))
    #expect(study.cost == .init(pricePerNodeHour: 0.5, currency: "USD", ranksPerNode: 2))
    #expect(study.target == .init(validationAccuracy: 0.9))
    #expect(study.microBatchAtMost == 512)
    #expect(study.run.epochs == 5)
    #expect(study.run.globalBatch == 64)
    #expect(study.run.learningRate.baseBatch == 64)
    #expect(study.run.data.path == "\(folder.path)/data")
  }

  @Test func readsWhatIsAskedOfTheLossAroundWeights() throws {
    #expect(try load(Self.study).sharpness == nil)
    #expect(try load(Self.study, "sharpness={}").sharpness == StudySharpness())
    let study = try load(Self.study, "sharpness.epsilon=[0.01]", "sharpness.statistics=running", "sharpness.seed=4")
    #expect(study.sharpness == StudySharpness(epsilon: [0.01], statistics: .running, seed: 4))
    let text = String(decoding: try JSONEncoder().encode(study), as: UTF8.self)
    let node = try Data(text.utf8).withUnsafeBytes { try ConfigurationNode(json: $0, source: "study.json") }
    #expect(try StudyConfiguration(node) == study)
    #expect(
      try error(Self.study + "sharpness: {epsilon: [0]}\n").contains(
        "sharpness.epsilon[0] is 0, but must be more than 0"))
    #expect(try error(Self.study + "sharpness: {statistics: mean}\n").contains("not one of running, batch"))
    #expect(try error(Self.study + "sharpness: {}\ncalls: {}\n").contains("sharpness"))
  }

  @Test func readsTheWayBetweenTrials() throws {
    #expect(try load(Self.study).interpolation == nil)
    let text = Self.study + "interpolation: {towards: {globalBatch: 64, scaling: none}, path: curved, points: 5}\n"
    let study = try load(text)
    let towards = StudyClaim.Place(globalBatch: 64, scaling: LearningRateConfiguration.Scaling.none)
    #expect(study.interpolation == StudyInterpolation(towards: towards, path: .curved, points: 5))
    let json = String(decoding: try JSONEncoder().encode(study), as: UTF8.self)
    let node = try Data(json.utf8).withUnsafeBytes { try ConfigurationNode(json: $0, source: "study.json") }
    #expect(try StudyConfiguration(node) == study)
    for (section, words) in [
      ("{}", "missing key 'interpolation.towards'"), ("{towards: {}}", "interpolation.towards says no place"),
      ("{towards: {variant: SB}}", "the study has none"), ("{towards: {globalBatch: 64}, points: 1}", "points is 1"),
      ("{towards: {globalBatch: 64}, path: round}", "not one of straight, curved"),
      ("{towards: {globalBatch: 64}}\ncalls: {}", "interpolation"),
      (
        "{towards: {globalBatch: 64}}\nsearch: {trials: 2, seed: 1, learningRate.base: {log: [0.1, 1]}}",
        "interpolation"
      ),
    ] {
      let found = try error(Self.study + "interpolation: \(section)\n")
      #expect(found.contains(words), "\(section): \(found)")
    }
  }

  @Test func aRateThatSaysThatItDoesNotScaleNeedsNoBaseBatch() throws {
    let study = try load(
      Self.study, "run.model={kind: deepfm, widths: [8]}", "run.tables.learningRate={base: 0.1, scaling: none}")
    #expect(study.run.tableRate.scaling == .none && study.axes.scaling == [.none, .linear])
  }

  @Test func aSlopeIsOverAllValues() throws {
    func claim(_ more: String) -> String {
      Self.study + "claims: [{source: s, text: t, measure: testLoss, along: globalBatch, atMost: 0\(more)}]\n"
    }
    #expect(try load(claim("")).claims?[0].quantity.along == .globalBatch)
    #expect(try load(claim("")).claims?[0].isPaired == true)
    #expect(try load(claim(", minus: {scaling: linear}")).claims?[0].quantity.along == .globalBatch)
    for (more, words) in [
      (", over: {scaling: linear}", "leave 'over'"), (", best: true", "'best'"),
      (", leastUpdates: 9", "'leastUpdates'"),
      (", of: {globalBatch: 64}", "leave 64 out of the places"), (", paired: false", "always paired by seed"),
    ] {
      let found = try error(claim(more))
      #expect(found.contains(words), "\(more): \(found)")
    }
    #expect(
      try error(claim("").replacingOccurrences(of: "along: globalBatch", with: "along: seed")).contains(
        "not one of globalBatch, ranks"))
  }

  @Test func axesComeFromTheRunWhereNotGiven() throws {
    let study = try load(Self.study, "axes=null", "run.globalBatch=128", "run.seed=9")
    #expect(study.axes == .init(globalBatch: [128], scaling: [.none], seed: [9]))
  }

  @Test func runMayBeAFile() throws {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/runs", withIntermediateDirectories: true)
    folder.write("runs/short.yaml", shortRun)
    let text = """
      name: sizes
      run: runs/short.yaml
      axes: {globalBatch: [16]}
      cost: {pricePerNodeHour: 0.5, ranksPerNode: 2}
      """
    let study = try load(text, "run.epochs=7")
    #expect(study.run.model == .mlp(widths: [512, 512], batchNorm: false, dropout: 0))
    #expect(study.run.epochs == 7)
    #expect(study.run.data.path == "\(folder.path)/runs/data")
    #expect(try load(text, "run=\(folder.path)/runs/short.yaml") == load(text))
    folder.write("runs/short.yaml", shortRun + "optimizer:\n  momentun: 0.5\n")
    #expect(try error(text) == "runs/short.yaml:9: unknown key 'momentun' (did you mean 'momentum'?)")
    #expect(try error(text.replacingOccurrences(of: "short", with: "long")) == "runs/long.yaml: there is no such file")
  }

  private func place(
    globalBatch: Int, scaling: LearningRateConfiguration.Scaling, seed: UInt64, variant: String? = nil
  ) -> AxisValues {
    var place = AxisValues()
    (place.globalBatch, place.scaling, place.seed, place.variant) = (globalBatch, scaling, seed, variant)
    return place
  }

  @Test func trialHasItsPlaceOnTheAxes() throws {
    let study = try load(Self.study)
    let trial = study.run(at: place(globalBatch: 1000, scaling: .linear, seed: 4), largestRankCount: 3)
    #expect(trial.globalBatch == 1000)
    #expect(trial.microBatch == 334)
    #expect(trial.learningRate.scaling == .linear)
    #expect(trial.seed == 4)
    #expect(study.run(at: place(globalBatch: 8192, scaling: .none, seed: 4), largestRankCount: 2).microBatch == 512)
    #expect(study.run(at: place(globalBatch: 2, scaling: .none, seed: 4), largestRankCount: 4).microBatch == 1)
  }

  @Test func ranksBatchesAreCutEvenly() throws {
    let study = try load(Self.study.replacingOccurrences(of: "globalBatch: [64, 1000]", with: "localBatch: [64, 600]"))
    #expect(study.axes.localBatch == [64, 600] && study.axes.globalBatch.isEmpty)
    var place = place(globalBatch: 4800, scaling: .none, seed: 4)
    place.ranks = 8
    // Two parts of each rank's 600; ⌈4800 ÷ 512⌉ = 10 parts would give two of eight ranks twice the work of the others.
    #expect(study.run(at: place, largestRankCount: 16).microBatch == 300)
    place.ranks = 75
    #expect(study.run(at: place, largestRankCount: 75).microBatch == 64)
  }

  @Test(arguments: [(64, 2, 32), (100, 3, 48), (8192, 2, 496), (4, 2, 16)])
  func microBatchIsAMultipleOfTheGhostBatch(globalBatch: Int, ranks: Int, microBatch: Int) throws {
    let study = try load(Self.study, "run.ghostBatch=16", "microBatchAtMost=500")
    let trial = study.run(at: place(globalBatch: globalBatch, scaling: .none, seed: 1), largestRankCount: ranks)
    #expect(trial.microBatch == microBatch)
  }

  @Test(arguments: [
    ("name: sizes", "nam: sizes", "study.yaml:1: unknown key 'nam' (did you mean 'name'?)"),
    ("name: sizes", "", "study.yaml: missing key 'name'"),
    (
      "scaling: [none, linear]", "localBatch: [8]",
      "study.yaml:8: 'axes.globalBatch' means nothing with axes.localBatch, which gives the batch of each rank: it belongs to a "
        + "study or a part of its own"
    ),
    ("globalBatch: [64, 1000]", "localBatch: [8, 8]", "study.yaml:8: axes.localBatch holds 8 twice"),
    ("globalBatch: [64, 1000]", "localBatch: [0]", "study.yaml:8: axes.localBatch[0] is 0, but must be at least 1"),
    ("epochs: 2", "epoch: 2", "study.yaml:5: unknown key 'epoch' (did you mean 'epochs'?)"),
    ("epochs: 2", "epochs: two", "study.yaml:5: run.epochs is 'two', not a whole number"),
    (
      "epochs: 2", "epochs: 2\n  microBatch: 4",
      "study.yaml:6: a study works out the microbatch of each trial: remove 'run.microBatch', or set 'microBatchAtMost'"
    ),
    (
      "epochs: 2", "epochs: 2\n  ghostBatch: 1024",
      "study.yaml:6: run.ghostBatch is 1024, more than microBatchAtMost, 512"
    ),
    ("[64, 1000]", "[64, 64]", "study.yaml:8: axes.globalBatch holds 64 twice"),
    ("[64, 1000]", "[64, 0]", "study.yaml:8: axes.globalBatch[1] is 0, but must be at least 1"),
    (
      "  globalBatch: [64, 1000]\n", "",
      "study.yaml:8: missing key 'axes.globalBatch': a list of global batches such as [64, 256, 1024]"
    ),
    ("[none, linear]", "[none, square]", "study.yaml:9: axes.scaling[1] is 'square', not one of none, linear, sqrt"),
    (
      ", baseBatch: 64", "",
      "study.yaml:6: missing key 'run.learningRate.baseBatch': a rate that scales needs the global batch at which 'base' is right"
    ),
    (
      "pricePerNodeHour: 0.5", "pricePerNodeHour: -1",
      "study.yaml:11: cost.pricePerNodeHour is -1, but must be from 0 to 1000000000"
    ),
    (
      "cost:", "target: {validationAccuracy: 88}\ncost:",
      "study.yaml:11: target.validationAccuracy is 88, but must be more than 0 and at most 1"
    ),
    (
      "cost:", "globalBatch: 3\ncost:",
      "study.yaml:11: unknown key 'globalBatch' (it is a key of the run and of axes and of claims.of)"
    ),
  ])
  func badFile(old: String, new: String, message: String) throws {
    #expect(try error(Self.study.replacingOccurrences(of: old, with: new)) == message)
  }

  @Test func variantsChangeTheRun() throws {
    let study = try load(
      Self.study
        + "variants:\n- {name: plain}\n- {name: long, set: {epochs: 9, data.path: other, optimizer: {kind: adam}}}\n")
    let variants = try #require(study.variants)
    #expect(variants.map(\.name) == ["plain", "long"])
    #expect(variants[0].run == study.run)
    #expect(variants[1].run.epochs == 9 && variants[1].run.data.path == "\(folder.path)/other")
    #expect(variants[1].run.optimizer.kind == .adam && variants[1].run.learningRate == study.run.learningRate)
    let trial = study.run(at: place(globalBatch: 1000, scaling: .linear, seed: 4, variant: "long"), largestRankCount: 2)
    #expect(trial.epochs == 9 && trial.globalBatch == 1000 && trial.seed == 4)
  }

  static let parts = """
    name: whole
    run:
      model: {kind: logistic}
      data: {path: data}
      epochs: 2
      learningRate: {base: 0.2, baseBatch: 64}
    cost: {pricePerNodeHour: 0.5, ranksPerNode: 2}
    target: {validationAUC: 0.7}
    parts:
    - name: calls
      title: Calls
      calls: {leastRepeats: 5}
      axes: {globalBatch: [1, 4096]}
      claims:
      - {source: me, text: It is so, measure: prediction.saving, of: {globalBatch: 1}, atLeast: 0.4, note: 'no: really'}
    - name: batch
      set: {epochs: 7}
      target: {validationLoss: 0.4}
      axes: {globalBatch: [64, 128], scaling: [none, linear]}
      variants:
      - name: one
      - {name: two, set: {data.path: two}}

    """

  @Test func partsAreStudies() throws {
    let study = try load(Self.parts, "run.model.kind=mlp", "run.model.widths=[8]", "parts.batch.axes.globalBatch=[32]")
    let parts = try #require(study.parts)
    #expect(parts.map(\.name) == ["calls", "batch"] && parts.map(\.title) == ["Calls", "batch"])
    #expect(parts[0].study.calls == StudyCalls(leastRepeats: 5, leastSeconds: 1))
    #expect(parts[0].study.axes == .init(globalBatch: [1, 4096], scaling: [.none], seed: [1], ranks: [1]))
    #expect(parts[0].study.target == .init(validationAUC: 0.7))
    let claim = try #require(parts[0].study.claims?.first)
    #expect(claim.quantity == .init(measure: "prediction.saving", of: .init(globalBatch: 1)))
    #expect(claim.atLeast == 0.4 && claim.atMost == nil && claim.note == "no: really")
    #expect(claim.place.hasSuffix("study.yaml:15"))
    #expect(parts[1].study.axes.globalBatch == [32])
    #expect(parts[1].study.target == .init(validationLoss: 0.4))
    #expect(
      parts[1].study.run.epochs == 7 && parts[1].study.run.model == .mlp(widths: [8], batchNorm: false, dropout: 0))
    #expect(parts[1].study.variants?[1].run.epochs == 7)
    #expect(study.axes.globalBatch.isEmpty)
  }

  @Test(arguments: [
    ("set: {epochs: 7}", "set: {epoch: 7}", "study.yaml:17: unknown key 'epoch' (did you mean 'epochs'?)"),
    ("{data.path: two}", "{seed: 3}", "study.yaml:22: 'seed' cannot be set here: use 'axes.seed'"),
    (
      "{data.path: two}", "{learningRate: {scaling: linear}}",
      "study.yaml:22: 'learningRate.scaling' cannot be set here: use 'axes.scaling'"
    ),
    (
      "{data.path: two}", "two",
      "study.yaml:22: parts[1].variants[1].set is 'two', not a section such as {data.path: elsewhere}"
    ),
    ("name: two", "name: one", "study.yaml:21: parts[1].variants holds the name 'one' twice"),
    ("- name: batch", "- name: calls", "study.yaml:10: parts holds the name 'calls' twice"),
    ("- name: batch", "- name: a/b", "study.yaml:16: parts[1].name is 'a/b', but may hold letters, digits and - only"),
    (
      "parts:", "axes: {globalBatch: [1]}\nparts:",
      "study.yaml:9: 'axes' means nothing with parts: it belongs to a part"
    ),
    (
      "[1, 4096]}", "[1], ranks: [1]}",
      "study.yaml:13: 'parts[0].axes.ranks' means nothing with calls, which one rank makes: it belongs to a study that trains"
    ),
    (
      "atLeast: 0.4, ", "",
      "study.yaml:15: parts[0].claims[0] needs 'atLeast', 'atMost' or both: which measured values agree with it"
    ),
    (
      "of: {globalBatch: 1}", "of: {variant: x}",
      "study.yaml:15: parts[0].claims[0].of.variant is 'x': the study has none"
    ),
    (
      "target: {validationAUC: 0.7}", "target: {validationAUC: 0.7, validationLoss: 1}",
      "study.yaml:8: target has 2 targets: give one of validationAccuracy, validationAUC, validationLoss"
    ),
    (
      "target: {validationAUC: 0.7}", "target: {}",
      "study.yaml:8: missing key 'target.validationAccuracy' (or validationAUC, or validationLoss)"
    ),
  ])
  func badParts(old: String, new: String, message: String) throws {
    #expect(try error(Self.parts.replacingOccurrences(of: old, with: new)) == message)
  }

  @Test func overrideOfAPartThatIsNotThere() throws {
    let error = try #require(throws: ConfigurationError.self) { _ = try load(Self.parts, "parts.bach.target=null") }
    #expect(
      error.description == "--set parts.bach.target: parts has no item of the name 'bach': there are calls, batch")
  }

  func error(_ text: String) throws -> String {
    let error = try #require(throws: ConfigurationError.self) { _ = try load(text) }
    return error.description.replacingOccurrences(of: folder.path + "/", with: "")
  }
}
