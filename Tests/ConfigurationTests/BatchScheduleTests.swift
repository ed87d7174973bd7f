import Configuration
import Foundation
import Testing

/// A global batch that changes while a run trains, what that does to the rate, and runs that are stretched to their batch.
@Suite struct BatchScheduleTests {
  private func load(_ overrides: String...) throws -> RunConfiguration {
    let folder = ScratchFolder()
    return try RunConfiguration.load(file: folder.write("run.yaml", shortRun), overrides: overrides)
  }

  private func error(_ overrides: String...) throws -> String {
    let folder = ScratchFolder()
    let file = folder.write("run.yaml", shortRun)
    let error = #expect(throws: ConfigurationError.self) { try RunConfiguration.load(file: file, overrides: overrides) }
    return "\(error, default: "")"
  }

  private func batches(_ run: RunConfiguration) -> [String] {
    run.batchStages.map { "\($0.firstEpoch): \($0.globalBatch)" }
  }

  @Test func bothFormsAreTheSame() throws {
    let beside = try load(
      "globalBatch=128", "batchSchedule={milestones: [60, 120, 160], factor: 5, atMost: 5120}", "epochs=200")
    let inside = try load("globalBatch={base: 128, milestones: [60, 120, 160], factor: 5, atMost: 5120}", "epochs=200")
    #expect(inside.batchSchedule == beside.batchSchedule && inside.globalBatch == 128 && beside.globalBatch == 128)
    #expect(batches(inside) == ["0: 128", "60: 640", "120: 3200", "160: 5120"])
    #expect(inside.microBatch == 32 && inside.learningRate.baseBatch == 128)
    #expect(try stored(inside) == inside)
    let part = try load("globalBatch={base: 128, milestones: [60], factor: 5}", "globalBatch.base=64", "epochs=61")
    #expect(batches(part) == ["0: 64", "60: 320"])
  }

  /// What was stored before there was any of this stays as it was.
  @Test func whatIsNotGivenIsNotStored() throws {
    let text = String(decoding: try JSONEncoder().encode(try load("optimizer.halfLife=updates")), as: UTF8.self)
    for key in ["batchSchedule", "regimeBatch", "halfLife"] { #expect(!text.contains(key)) }
    #expect(batches(try load()) == ["0: 256"])
    #expect(try load().rateFactor(inEpoch: 2) == 1)
  }

  /// The four schedules of Smith et al. 2017, in samples of an epoch of 50,000 and none short: what they published as about
  /// 80,000, 29,000, 6,500 and 2,500 updates.
  @Test(arguments: [(128, 128, 78_125), (128, 5120, 29_141), (640, 5120, 6_406), (3200, 5120, 2_305)])
  func updatesAreThePublishedOnes(base: Int, atMost: Int, updates: Int) throws {
    let run = try load(
      "globalBatch={base: \(base), milestones: [60, 120, 160], factor: 5, atMost: \(atMost)}", "epochs=200")
    // In units of 1 ÷ 16,000 of a sample, of which every batch is a divisor.
    let unit = 16_000
    let whole = (0..<200).reduce(0) { $0 + 50_000 * unit / run.globalBatch(inEpoch: $1) }
    for epoch in 0..<200 { #expect(50_000 * unit % run.globalBatch(inEpoch: epoch) == 0) }
    #expect((2 * whole + unit) / (2 * unit) == updates)
  }

  /// The rate decays by what the batch does not take: 3,200 grows by 1.6 of 5, then not at all.
  @Test func theRateTakesWhatTheBatchDoesNot() throws {
    let run = try load(
      "globalBatch={base: 128, milestones: [60, 120, 160, 180], factor: 5, atMost: 5120}", "epochs=200")
    let factors = [59, 60, 119, 120, 159, 160, 180].map { run.rateFactor(inEpoch: $0) }
    let expected = [1, 1, 1, 1, 1, 1.6 / 5, 1.6 / 25]
    #expect(factors[..<5].allSatisfy { $0 == 1 })
    for (found, wanted) in zip(factors, expected) { #expect(abs(found - wanted) < 1e-15, "\(found) is not \(wanted)") }
    // ε ÷ B falls by five at each milestone.
    for (epoch, milestones) in [(0, 0), (60, 1), (120, 2), (160, 3), (180, 4)] {
      let ratio = run.rateFactor(inEpoch: epoch) / Double(run.globalBatch(inEpoch: epoch)) * 128
      #expect(abs(ratio * pow(5, Double(milestones)) - 1) < 1e-14)
    }
  }

  @Test func aBatchThatMayNotGrowLeavesTheWholeDecayToTheRate() throws {
    for most in [64, 256] {
      let run = try load("batchSchedule={milestones: [1, 2], factor: 4, atMost: \(most)}")
      #expect(batches(run) == ["0: 256"] && (0...2).map { run.rateFactor(inEpoch: $0) } == [1, 0.25, 0.0625])
    }
  }

  /// Seesaw: where a schedule would halve the rate it is divided by √2, and the batch is doubled.
  @Test func theRootSharesADecay() throws {
    let run = try load("batchSchedule={milestones: [1, 2], factor: 2, scaling: sqrt, atMost: 512}")
    #expect(batches(run) == ["0: 256", "1: 512"])
    let factors = (0...2).map { run.rateFactor(inEpoch: $0) }
    for (found, wanted) in zip(factors, [1, 0.5.squareRoot(), 0.5.squareRoot() / 2]) {
      #expect(abs(found - wanted) < 1e-15, "\(found) is not \(wanted)")
    }
    let plain = try load("batchSchedule={milestones: [1, 2], factor: 2, scaling: none}")
    #expect(batches(plain) == ["0: 256", "1: 512", "2: 1024"])
    #expect((0...2).map { plain.rateFactor(inEpoch: $0) } == [1, 0.5, 0.25])
  }

  @Test func aBatchMayShrinkAtTheSameRate() throws {
    let run = try load("globalBatch=1024", "batchSchedule={milestones: [1], factor: 0.0625}")
    #expect(batches(run) == ["0: 1024", "1: 64"] && (0...2).map { run.rateFactor(inEpoch: $0) } == [1, 1, 1])
    let least = try load("batchSchedule={milestones: [1], factor: 1e-9}")
    #expect(batches(least) == ["0: 256", "1: 1"])
  }

  /// Batches are whole: the rate takes the rest of 7.5 → 8 too.
  @Test func aFactorNeedNotBeWhole() throws {
    let run = try load("globalBatch=5", "batchSchedule={milestones: [1], factor: 1.5}")
    #expect(batches(run) == ["0: 5", "1: 8"] && abs(run.rateFactor(inEpoch: 1) - 8 / 7.5) < 1e-15)
    let huge = try load("batchSchedule={milestones: [1, 2], factor: 1e300}")
    #expect(huge.globalBatch(inEpoch: 2) == Int(Int32.max) && huge.rateFactor(inEpoch: 2) == 0)
  }

  @Test func mistakesAreNamed() throws {
    #expect(try error("batchSchedule={factor: 5}").contains("missing key 'batchSchedule.milestones'"))
    #expect(try error("batchSchedule={milestones: [2]}").contains("missing key 'batchSchedule.factor'"))
    #expect(try error("batchSchedule={milestones: [2, 1], factor: 5}").contains("batchSchedule.milestones must rise"))
    #expect(try error("batchSchedule={milestones: [2.5], factor: 5}").contains("batchSchedule.milestones[0]"))
    #expect(try error("batchSchedule={milestones: [2], factor: 0}").contains("batchSchedule.factor is 0"))
    #expect(try error("batchSchedule={milestone: [2], factor: 5}").contains("did you mean 'milestones'"))
    #expect(try error("globalBatch={milestones: [2], factor: 5}").contains("missing key 'globalBatch.base'"))
    #expect(try error("globalBatch={base: 64, factr: 5, milestones: [2]}").contains("did you mean 'factor'"))
    #expect(try error("globalBatch={base: 64}").contains("missing key 'globalBatch.milestones'"))
    let twice = try error(
      "globalBatch={base: 64, milestones: [2], factor: 5}", "batchSchedule={milestones: [1], factor: 2}")
    #expect(twice.contains("'batchSchedule' stands beside a section 'globalBatch'"))
    #expect(try error("regimeBatch=0").contains("regimeBatch is 0"))
    #expect(try error("optimizer.halfLife=sample").contains("did you mean 'samples'"))
    #expect(
      try error(
        "model={kind: logistic}", "tables.optimizer=ftrl", "batchSchedule={milestones: [1], factor: 2}"
      ).contains("ftrl needs a constant learning rate"))
  }

  // MARK: Regimes

  /// Hoffer et al.: epochs and drops of a batch of 4,096 are 32 times those of 128, and so are all other times in epochs.
  @Test func aRunIsStretchedToItsBatch() throws {
    let run = try load(
      "globalBatch=4096", "regimeBatch=128", "epochs=50",
      "learningRate={schedule: steps, milestones: [10, 20.5], warmUpEpochs: 0.5}", "evaluation.everyEpochs=2",
      "batchSchedule={milestones: [30], factor: 2}")
    #expect(run.epochs == 1600 && run.learningRate.milestones == [320, 656] && run.learningRate.warmUpEpochs == 16)
    #expect(run.evaluation.everyEpochs == 64 && run.batchSchedule?.milestones == [960])
    // As many updates, short batches aside: epochs · N ÷ B.
    #expect(Double(run.epochs) / 4096 == 50.0 / 128)
    // It says so of itself, and to read it again changes nothing.
    #expect(run.regimeBatch == 4096)
    #expect(try stored(run) == run)
  }

  @Test func aRunOfTheRegimesBatchStaysAsItIs() throws {
    #expect(try load("regimeBatch=256").epochs == 3)
    let short = try load("globalBatch=64", "regimeBatch=256", "batchSchedule={milestones: [1, 2], factor: 2}")
    #expect(short.epochs == 1)
    // Milestones that fall together are one.
    #expect(short.batchSchedule?.milestones == [1, 1])
    #expect(try stored(short) == short)
    #expect(try load("globalBatch=2147483647", "regimeBatch=1").epochs == Int(Int32.max))
  }

  // MARK: Studies

  private static let study = """
    name: ladder
    run:
      model: {kind: mlp, widths: [8]}
      data: {path: data}
      epochs: 10
      learningRate: {base: 0.1, baseBatch: 128}
    axes: {globalBatch: [128, 2048], scaling: [none, sqrt], seed: [1, 2]}
    variants:
      - {name: small, at: {globalBatch: [128]}}
      - {name: large, at: {globalBatch: [2048], scaling: [none]}}
      - {name: stretched, set: {regimeBatch: 128}, at: {globalBatch: [2048], scaling: [sqrt]}}
      - {name: grown, set: {globalBatch: {milestones: [5], factor: 4}}, at: {globalBatch: [128], scaling: [none]}}
    cost: {pricePerNodeHour: 1, ranksPerNode: 1}

    """

  private func study(_ overrides: String...) throws -> StudyConfiguration {
    let folder = ScratchFolder()
    return try StudyConfiguration.load(file: folder.write("study.yaml", Self.study), overrides: overrides)
  }

  @Test func variantsHaveTheirOwnBatches() throws {
    let study = try study()
    func run(_ variant: String, _ batch: Int) -> RunConfiguration {
      var place = AxisValues()
      (place.variant, place.globalBatch) = (variant, batch)
      return study.run(at: place, largestRankCount: 1)
    }
    #expect(run("stretched", 2048).epochs == 160 && run("large", 2048).epochs == 10)
    #expect(batches(run("grown", 128)) == ["0: 128", "5: 512"])
    let again = try JSONEncoder().encode(study).withUnsafeBytes {
      try StudyConfiguration(ConfigurationNode(json: $0, source: "study.json"))
    }
    #expect(again == study)
    #expect(again.variants?[1].at?.scaling == [.none] && again.variants?[1].at?.globalBatch == [2048])
  }

  @Test func mistakesInStudiesAreNamed() throws {
    func error(_ override: String) -> String {
      let error = #expect(throws: ConfigurationError.self) { try study(override) }
      return "\(error, default: "")"
    }
    #expect(
      error("variants=[{name: a, at: {globalBatch: [64]}}]").contains(
        "at.globalBatch holds 64, not one of axes.globalBatch, 128, 2048"))
    #expect(error("variants=[{name: a, at: {momentum: [0.5]}}]").contains("needs values of 'axes.momentum'"))
    #expect(error("variants=[{name: a, set: {globalBatch.base: 64}}]").contains("use 'axes.globalBatch'"))
    #expect(error("variants=[{name: a, set: {globalBatch: {base: 64, factor: 2}}}]").contains("use 'axes.globalBatch'"))
  }

  /// Relative to each trial's own batch it would be one in updates.
  @Test func aHalfLifeInSamplesNeedsABaseBatch() throws {
    let folder = ScratchFolder()
    let file = folder.write("study.yaml", Self.study.replacingOccurrences(of: ", baseBatch: 128", with: ""))
    let overrides = ["axes.scaling=[none]", "variants=null", "run.optimizer={halfLife: samples}"]
    let error = #expect(throws: ConfigurationError.self) {
      try StudyConfiguration.load(file: file, overrides: overrides)
    }
    #expect("\(error, default: "")".contains("missing key 'learningRate.baseBatch'"))
    let study = try StudyConfiguration.load(file: file, overrides: overrides + ["run.globalBatch=64"])
    #expect(study.run.learningRate.baseBatch == 64 && study.run.optimizer.halfLife == .samples)
  }
}
