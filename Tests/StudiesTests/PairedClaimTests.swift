import Configuration
import Foundation
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// Claims that are judged by seeds.
@Suite("Verdicts over seeds") struct PairedClaimTests {
  private static func claim(
    _ measure: String = "validationAccuracy", of: StudyClaim.Place, minus: StudyClaim.Place? = nil,
    over: StudyClaim.Place? = nil, atLeast: Double? = nil, atMost: Double? = nil
  ) -> StudyClaim {
    StudyClaim(
      source: "s", text: "t", quantity: .init(measure: measure, of: of, over: over, minus: minus), atLeast: atLeast,
      atMost: atMost, place: "study.yaml:7")
  }

  private static func findings(
    _ claims: [StudyClaim], seeds: Int = 5, accuracy: (Trial) -> Double?
  ) -> [ClaimFinding] {
    var study = SyntheticStudy.study(seeds: Array(1...seeds))
    study.claims = claims
    let records = study.trials.map { trial in
      accuracy(trial).map { SyntheticStudy.record(trial, of: study, accuracy: $0) }
        ?? SyntheticStudy.diverged(trial, of: study)
    }
    return StudySummary(study, records).claims
  }

  /// Falls by 0.02 a step of the batch and differs much more from seed to seed, in step; the scaled rate wins half back.
  private static func accuracy(_ trial: Trial) -> Double {
    let loss: [Int: Double] = [64: 0, 256: 0.02, 1024: 0.04]
    let lost: Double = (loss[trial.globalBatch] ?? 0) * (trial.scaling == .none ? 1 : 0.5)
    let own: Double = 0.001 * Double((Int(trial.seed * trial.seed) + trial.globalBatch / 256) % 5)
    let level: Double = 0.5 + 0.02 * Double(trial.seed)
    return level - lost - own
  }

  private let fixed = StudyClaim.Place(globalBatch: 1024, scaling: LearningRateConfiguration.Scaling.none)
  private let scaled = StudyClaim.Place(globalBatch: 1024, scaling: .linear)
  private let small = StudyClaim.Place(globalBatch: 64)

  @Test("A difference is of the same seed's trials, also at the base batch, which all rules share")
  func difference() throws {
    let found = Self.findings(
      [
        Self.claim(of: fixed, minus: small, atMost: -0.03), Self.claim(of: fixed, minus: small, atLeast: 0),
        Self.claim(of: fixed, minus: small, atMost: -0.05), Self.claim(of: scaled, minus: small, atLeast: -0.022),
        Self.claim(of: fixed, minus: small, atLeast: -0.04, atMost: 0.04),
      ], accuracy: Self.accuracy)
    #expect(found.map(\.verdict) == [.shown, .opposite, .notShown, .undecided, .undecided])
    let differences = (1...5).map { seed -> Double in
      let trial = { (batch: Int) in
        Trial(globalBatch: batch, scaling: .none, seed: UInt64(seed), ranks: 2)
      }
      return Self.accuracy(trial(1024)) - Self.accuracy(trial(64))
    }
    let expected = try #require(Estimate(differences))
    let test = try #require(found[0].test)
    #expect(abs(test.mean - expected.mean) < 1e-12 && test.count == 5 && found[0].places == 1)
    #expect(abs(try #require(test.interval).lower - expected.interval()!.lower) < 1e-12)
    #expect(found[0].measured == test.mean && found[0].unpaired == nil)
  }

  @Test("A share of a gap has both differences of the same seed")
  func share() throws {
    let found = Self.findings(
      [
        Self.claim(of: scaled, minus: fixed, over: small, atLeast: 0.3),
        Self.claim(of: scaled, minus: fixed, over: small, atLeast: 0.75),
        Self.claim(of: fixed, minus: scaled, over: small, atLeast: 0.3),
      ], accuracy: Self.accuracy)
    #expect(abs(try #require(found[0].measured) - 0.5) < 0.05)
    // Of the third claim, −1 of what the scaled rate leaves.
    #expect(found.map(\.verdict) == [.shown, .notShown, .opposite])
  }

  @Test("Ratios are paired by seed and meet in logarithms")
  func ratio() throws {
    var claim = Self.claim(of: fixed, over: small, atLeast: 0.9)
    claim.paired = true
    let found = Self.findings([claim], accuracy: Self.accuracy)[0]
    let ratios = (1...5).map { seed in
      log(
        Self.accuracy(Trial(globalBatch: 1024, scaling: .none, seed: UInt64(seed), ranks: 2))
          / Self.accuracy(Trial(globalBatch: 64, scaling: .none, seed: UInt64(seed), ranks: 2)))
    }
    #expect(abs(try #require(found.measured) - exp(ratios.reduce(0, +) / 5)) < 1e-12 && found.verdict == .shown)
    // Two measures of one place.
    var gap = StudyClaim(
      source: "s", text: "t",
      quantity: .init(measure: "trainingAccuracy", of: fixed, overMeasure: "validationAccuracy"), atLeast: 1)
    gap.paired = true
    #expect(Self.findings([gap], accuracy: Self.accuracy)[0].verdict == .shown)
    // A figure alone, without a side that means no effect.
    var alone = Self.claim(of: fixed, atLeast: 0.99)
    alone.paired = true
    #expect(Self.findings([alone], accuracy: Self.accuracy)[0].verdict == .notShown)
  }

  @Test("A slope is that of a line through all batches, for each doubling, seed by seed")
  func slope() throws {
    func claim(_ of: StudyClaim.Place, minus: StudyClaim.Place? = nil, atMost: Double) -> StudyClaim {
      var claim = Self.claim(of: of, minus: minus, atMost: atMost)
      claim.quantity.along = .globalBatch
      return claim
    }
    let (none, linear) = (
      StudyClaim.Place(scaling: LearningRateConfiguration.Scaling.none), StudyClaim.Place(scaling: .linear)
    )
    // 0.01 lost for each doubling, half of it with the scaled rate; a seed's level falls out.
    let accuracy = { (trial: Trial) in
      0.3 + 0.1 * Double(trial.seed) - (trial.scaling == .none ? 0.01 : 0.005) * log2(Double(trial.globalBatch) / 64)
        + (trial.globalBatch == 256 ? 0.001 * Double(trial.seed % 2) : 0)
    }
    let found = Self.findings(
      [claim(none, atMost: 0), claim(none, atMost: -0.02), claim(none, minus: linear, atMost: 0)], accuracy: accuracy)
    #expect(found.map(\.verdict) == [.shown, .notShown, .shown])
    #expect(abs(try #require(found[0].measured) + 0.01) < 1e-12 && found[0].test?.count == 5 && found[0].places == 1)
    #expect(abs(try #require(found[2].measured) + 0.005) < 1e-12)
    // A seed that lacks a batch has no slope.
    let lacking = Self.findings([claim(none, atMost: 0)]) {
      $0.seed == 2 && $0.globalBatch == 1024 ? nil : accuracy($0)
    }[0]
    #expect(lacking.test?.count == 4 && lacking.verdict == .shown)
  }

  @Test("A trial that diverged leaves its seed without a pair, and that is said")
  func unpaired() throws {
    let claims = [Self.claim(of: fixed, minus: small, atMost: -0.03)]
    let found = Self.findings(claims) { $0.seed == 2 && $0.globalBatch == 1024 ? nil : Self.accuracy($0) }[0]
    #expect(found.test?.count == 4 && found.unpaired == 1 && found.verdict == .shown)
    let none = Self.findings(claims) { $0.globalBatch == 1024 ? nil : Self.accuracy($0) }[0]
    #expect(none.verdict == .notMeasured && none.test == nil && none.measured == nil)
    let one = Self.findings(claims, seeds: 1, accuracy: Self.accuracy)[0]
    #expect(one.verdict == .undecided && one.test?.interval == nil && one.measured != nil)
  }

  @Test("Over several places a seed's figure is its mean, of seeds that all of them have")
  func places() throws {
    var claim = Self.claim(of: .init(scaling: LearningRateConfiguration.Scaling.none), minus: small, atMost: 0)
    claim.leastUpdates = 17
    // At 1,024 there are 16 updates: 256, and 64 beside itself.
    let found = Self.findings([claim], accuracy: Self.accuracy)[0]
    let half = (1...5).map { seed in
      let trial = { Trial(globalBatch: $0, scaling: .none, seed: UInt64(seed), ranks: 2) }
      return (Self.accuracy(trial(256)) - Self.accuracy(trial(64))) / 2
    }
    #expect(try found.places == 2 && abs(#require(found.measured) - half.reduce(0, +) / 5) < 1e-12)
    claim.leastUpdates = 1000
    #expect(Self.findings([claim], accuracy: Self.accuracy)[0].verdict == .notJudged)
  }

  @Test("As many seeds as asked for must lie in the bounds by themselves")
  func leastSeeds() throws {
    var claim = Self.claim(of: fixed, minus: small, atMost: 0)
    // Far enough in the mean, but for a seed that is the other way round.
    let found = { (claim: StudyClaim) in
      Self.findings([claim], seeds: 12) { trial in
        trial.seed == 3 && trial.globalBatch == 1024 ? Self.accuracy(trial) + 0.045 : Self.accuracy(trial)
      }[0]
    }
    claim.leastSeeds = 11
    #expect(found(claim).verdict == .shown && found(claim).test?.inside == 11)
    claim.leastSeeds = 12
    #expect(found(claim).verdict == .notShown)
  }

  @Test("Of the best settings the seeds of both sides meet")
  func best() throws {
    var claim = Self.claim(
      of: .init(scaling: .linear), minus: .init(scaling: LearningRateConfiguration.Scaling.none), atLeast: 0)
    claim.best = true
    let found = Self.findings([claim]) { trial in
      // The best of the scaled rate is at 256, of the fixed one at 1,024.
      let best = trial.scaling == .linear ? 256 : 1024
      return (trial.globalBatch == best ? 0.7 : 0.4) + (trial.scaling == .linear ? 0.01 : 0) + 0.02 * Double(trial.seed)
    }[0]
    #expect(abs(try #require(found.measured) - 0.01) < 1e-12 && found.places == 1 && found.verdict == .shown)
  }

  @Test("Claims without pairs keep their words and their bytes")
  func plain() throws {
    let found = Self.findings([Self.claim(of: fixed, atLeast: 0.1)], accuracy: Self.accuracy)[0]
    #expect(found.verdict == .agrees && found.test == nil)
    let json = String(decoding: try JSONEncoder().encode(found), as: UTF8.self)
    for key in ["test", "unpaired", "interval", "paired", "minus", "leastSeeds"] {
      #expect(!json.contains("\"\(key)\""))
    }
  }

  @Test("A fit has no seeds to be paired by")
  func fits() {
    for measure in ["training.exponent", "goal.knee"] {
      var study = SyntheticStudy.study(target: 0.8)
      study.claims = [Self.claim(measure, of: .init(), minus: .init(), atLeast: 0)]
      let error = #expect(throws: StudyError.self) { try study.checkClaims() }
      #expect(error?.description.contains("is of a fit, which no seed has alone") == true)
    }
  }
}
