import Configuration
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Advice on the global batch") struct AdviceTests {
  private static let batches = [16, 64, 256, 1024, 4096]

  /// A way of four epochs at a constant noise scale, 1,000 updates of 64 samples in all.
  private static func run(noise: Double = 256) -> RunRecord {
    let study = SyntheticStudy.study(globalBatch: [64], scaling: ["none"], seeds: [1])
    var run = SyntheticStudy.record(study.trials[0], of: study).run
    for index in run.epochs.indices {
      run.epochs[index].updates = 250 * (index + 1)
      run.epochs[index].noise = GradientNoise(steps: 25, dense: NoiseEstimate(trace: noise, squaredNorm: 1))
    }
    run.updates = 1000
    return run
  }

  /// 1 ms + 10 µs a sample on one rank.
  private static func timings(_ batches: [Int] = batches) throws -> ProjectionSubject {
    let study = SyntheticStudy.study(globalBatch: batches, scaling: ["none"], ranks: [1, 2], price: 3.6)
    return try ProjectionSubject(StoredStudy(study, SyntheticStudy.records(of: study)), only: [])
  }

  /// Batches that reach the target at the end of their second epoch, after S = 200 (1 + 256 ÷ B) updates.
  private static func sweep(target: Double? = 0.8) throws -> ProjectionSubject {
    let study = SyntheticStudy.study(
      globalBatch: batches, scaling: ["none"], seeds: [1, 2], ranks: [1], target: target)
    let records = study.trials.map { trial in
      var record = SyntheticStudy.record(trial, of: study)
      let updates = 200 * (1 + 256 / Double(trial.globalBatch))
      for index in record.run.epochs.indices {
        record.run.epochs[index].validation = Quality(loss: 0.5, accuracy: index > 0 ? 0.85 : 0.5)
        record.run.epochs[index].updates = Int(updates.rounded()) * (index + 1) / 2
      }
      return record
    }
    return try ProjectionSubject(StoredStudy(study, records), only: [])
  }

  @Test("At one noise scale updates lie on the hyperbola through the run")
  func hyperbola() throws {
    let course = NoiseCourse([.init(epoch: 1, updates: 1000, globalBatch: 64, noiseScale: 192)])
    #expect(course.updates(atBatch: 64) == 1000 && abs(course.updates(atBatch: 192) - 500) < 1e-9)
    #expect(abs(course.criticalBatch - 192) < 1e-9)
    let steps = Self.batches.map { course.updates(atBatch: $0) }
    let fit = try #require(HyperbolaFit(batches: Self.batches.map(Double.init), steps: steps))
    #expect(abs(fit.criticalBatch / 192 - 1) < 1e-4 && abs(fit.leastSteps / 250 - 1) < 1e-4)
  }

  @Test("Stretches of other batches and noise add up; without noise all batches take as many")
  func stretches() {
    let course = NoiseCourse([
      .init(epoch: 1, updates: 100, globalBatch: 64, noiseScale: 64),
      .init(epoch: 2, updates: 50, globalBatch: 128, noiseScale: 1280),
    ])
    // 100 (1 + 1/4) / 2 + 50 (1 + 5) / 11.
    #expect(abs(course.updates(atBatch: 256) - (62.5 + 300.0 / 11)) < 1e-9)
    #expect(course.updates == 150 && course.updates(atBatch: 7, noiseTimes: 0) == 150)
  }

  @Test("Time and money follow the timed steps; the quickest batch is that of the two curves")
  func prices() throws {
    var question = AdviceQuestion()
    question.timings = try Self.timings()
    question.batches = [16, 64, 128, 256, 1024, 4096]
    let advice = try Advice(Self.run(), name: "run", question)
    let row = try #require(advice.rows.first { $0.globalBatch == 256 })
    #expect(abs(row.updates.value - 400) < 1e-9 && abs(row.examples.value - 102_400) < 1e-6)
    // Noise of 32 and of 512.
    #expect(abs(row.updates.high - 1000 * (1 + 32.0 / 256) / (1 + 32.0 / 64)) < 1e-9)
    #expect(abs(row.updates.low - 1000 * (1 + 512.0 / 256) / (1 + 512.0 / 64)) < 1e-9)
    let one = try #require(row.prices.first { $0.ranks == 1 })
    #expect(abs(one.stepSeconds.value / 0.00356 - 1) < 1e-6 && one.basis == .timed)
    #expect(abs(one.seconds.value - 400 * one.stepSeconds.value) < 1e-9)
    #expect(abs(one.cost.value - 3.6 * one.seconds.value / 3600) < 1e-12)
    let between = try #require(advice.rows.first { $0.globalBatch == 128 }?.prices.first { $0.ranks == 1 })
    #expect(between.basis == .line && abs(between.stepSeconds.value / 0.00228 - 1) < 1e-3)
    // (1 + 256 ÷ B)(1 ms + 10 µs B) is least at √(256 · 100) = 160; money of one node alike.
    let cheapest = try #require(advice.cheapest)
    #expect([128, 256].contains(cheapest.globalBatch) && cheapest.leastBatch <= cheapest.globalBatch)
    #expect(cheapest.mostBatch >= cheapest.globalBatch && advice.quickest?.seconds.value ?? 1 <= cheapest.seconds.value)
  }

  @Test("Beyond what was timed is an extrapolation; batches are the run's by powers of two, up to the training set")
  func defaults() throws {
    var question = AdviceQuestion()
    question.timings = try Self.timings([64, 256])
    let advice = try Advice(Self.run(), name: "run", question)
    #expect(advice.rows.map(\.globalBatch) == (3...12).map { 1 << $0 }.filter { $0 <= 4096 })
    #expect(advice.rows.last?.prices[0].basis == .extrapolated && advice.comparisons.isEmpty)
    let alone = try Advice(Self.run(), name: "run", AdviceQuestion())
    #expect(
      alone.quickest == nil && alone.rows.allSatisfy(\.prices.isEmpty) && abs(alone.course.criticalBatch - 256) < 1e-9)
  }

  @Test("A sweep that follows the noise scale lies inside; one whose noise is a hundred times less does not")
  func comparison() throws {
    var question = AdviceQuestion()
    question.sweep = try Self.sweep()
    let advice = try Advice(Self.run(), name: "run", question)
    #expect(advice.comparisons.map(\.globalBatch) == Self.batches && advice.comparisons.allSatisfy(\.isInside))
    #expect(advice.comparisons.allSatisfy { abs($0.updates.value / $0.measured - 1) < 0.01 })
    #expect(try Advice(Self.run(noise: 25_600), name: "run", question).comparisons.contains { !$0.isInside })
    // The goal lies somewhere in the run's last quarter, and is noted at the end of an epoch of 4,096 samples.
    let row = try #require(advice.comparisons.first { $0.globalBatch == 64 })
    #expect(abs(row.updates.low - 750) < 1e-9 && abs(row.updates.high - 1064) < 1e-9)
  }

  @Test("A goal ends the way at the first epoch that reaches it; a sweep's is the default")
  func goal() throws {
    var question = AdviceQuestion()
    // 0.75, 0.77, 0.79 and 0.81 after the epochs.
    question.target = .init(validationAccuracy: 0.78)
    #expect(try Advice(Self.run(), name: "run", question).course.updates == 750)
    question.target = nil
    question.sweep = try Self.sweep()
    #expect(try Advice(Self.run(), name: "run", question).target == .init(validationAccuracy: 0.8))
  }

  @Test("What cannot be told is refused, with the remedy")
  func refused() throws {
    func fails(_ run: RunRecord, asked question: AdviceQuestion = AdviceQuestion(), _ words: String) {
      let error = #expect(throws: StudyError.self) { try Advice(run, name: "output/run", question) }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "no error")")
    }
    var plain = Self.run()
    for index in plain.epochs.indices { plain.epochs[index].noise = nil }
    fails(plain, "measure={noiseScale: {}}")
    fails(Self.run(noise: -1), "noise hides")
    var diverged = Self.run()
    diverged.outcome = .diverged(step: 3, rank: 0, reason: "loss is not finite")
    fails(diverged, "diverged")
    var question = AdviceQuestion()
    question.target = .init(validationAccuracy: 0.99)
    fails(Self.run(), asked: question, "did not reach the target, validationAccuracy 0.99")
    question = AdviceQuestion()
    question.batches = [1 << 20]
    fails(Self.run(), asked: question, "more than the training set")
    question = AdviceQuestion()
    question.timings = try Self.timings([64])
    fails(Self.run(), asked: question, "no two undisturbed batches")
    question = AdviceQuestion()
    question.sweep = try Self.sweep(target: nil)
    fails(Self.run(), asked: question, "states no target")
  }

  @Test("An epoch whose noise hides the gradient takes that of all epochs together")
  func pooled() throws {
    var run = Self.run()
    run.epochs[1].noise?.dense.squaredNorm = -0.1
    let stretches = try Advice(run, name: "run", AdviceQuestion()).course.stretches
    #expect(stretches.map(\.isPooled) == [false, true, false, false])
    #expect(abs(stretches[1].noiseScale - 4 * 256 / 2.9) < 1e-9)
  }
}
