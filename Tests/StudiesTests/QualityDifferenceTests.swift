import Buffers
import Configuration
import Studies
import SyntheticStudies
import Testing

/// Settings compared with the best one, paired by seed.
@Suite("Differences of quality")
struct QualityDifferenceTests {
  private let place = StudyPoint.Place(globalBatch: 64, scaling: .none, ranks: 2)

  /// Of seeds from 1 on.
  private func bySeed(_ values: [Double]) -> [UInt64: Double] {
    Dictionary(uniqueKeysWithValues: values.enumerated().map { (UInt64($0.offset + 1), $0.element) })
  }

  private func verdict(_ values: [Double], best: [Double], comparisons: Int = 1, higher: Bool = true)
    -> QualityDifference.Verdict
  {
    QualityDifference(
      place, bySeed(values), best: bySeed(best), comparisons: comparisons, isBetterHigher: higher
    ).verdict
  }

  @Test("Seeds move both alike: small differences are told in pairs, and need more certainty the more are made")
  func paired() {
    let best = [0.80, 0.84, 0.88, 0.82]
    let worse = [0.79, 0.8305, 0.8695, 0.81]
    #expect(verdict(worse, best: best) == .worse && verdict(worse, best: best, higher: false) == .better)
    #expect(verdict(best.map { $0 + 0.01 }.reversed(), best: best) == .undecided)
    #expect(verdict([0.79, 0.80], best: [0.80, 0.82]) == .undecided)
    #expect(verdict([0.5], best: [0.8]) == .undecided && verdict([], best: [0.8]) == .undecided)
    let found = [0.79, 0.825, 0.865, 0.81]
    #expect(verdict(found, best: best) == .worse && verdict(found, best: best, comparisons: 30) == .undecided)
  }

  @Test("Only seeds that both have are pairs")
  func common() {
    let found = QualityDifference(
      place, [2: 0.5, 3: 0.6, 9: 0], best: [1: 1, 2: 0.7, 3: 0.7], comparisons: 1, isBetterHigher: true)
    #expect(found.seeds == 2 && abs((found.difference ?? 0) + 0.15) < 1e-12)
  }

  @Test(
    "The same setting under ten names, a hundred times over: at most one difference in twenty",
    arguments: [2, 3, 5, 10])
  func sameUnderTenNames(seeds: Int) {
    var (differences, studies) = (0, 0)
    for study in 0..<100 {
      let random = Philox(UInt64(study), UInt64(seeds))
      let settings = (0..<10).map { name in
        (0..<seeds).map { seed in
          let words = random.block(UInt64(name), UInt64(seed))
          return 0.8 + Double(Philox.normals(words.x, words.y, deviation: 0.01).0)
        }
      }
      // What is best of ten is so by chance, and everything is held to it.
      let best = settings.max { $0.reduce(0, +) < $1.reduce(0, +) }!
      let found = settings.filter { $0 != best }.map { verdict($0, best: best, comparisons: 45) }
      let told = found.filter { $0 != .undecided }.count
      differences += told
      studies += told > 0 ? 1 : 0
    }
    #expect(differences <= 100 * 9 / 20, "\(differences) differences of 900")
    // One in twenty, and what chance adds to that in a hundred.
    #expect(studies <= 9, "\(studies) studies of 100")
  }

  @Test("A study whose settings share their seeds' luck recommends none that is told from the best")
  func recommendation() throws {
    let study = SyntheticStudy.study(globalBatch: [64, 256], scaling: ["none"], seeds: [1, 2, 3, 4])
    // Each seed differs by 0.01, and the larger, quicker batch is always worse by a tenth of that.
    let records = study.trials.map { trial in
      let luck = 0.8 + 0.01 * Double(trial.seed) + 0.00001 * Double(trial.seed % 2)
      return SyntheticStudy.record(
        trial, of: study, accuracy: luck - (trial.globalBatch == 256 ? 0.001 + 0.00002 * Double(trial.seed % 2) : 0))
    }
    let recommendation = try #require(StudySummary(study, records).recommendation)
    #expect(recommendation.differences.map(\.verdict) == [.worse])
    #expect(recommendation.recommended.globalBatch == 64 && recommendation.goodEnough.map(\.globalBatch) == [64])
    #expect(recommendation.fastest.globalBatch == 256)
  }
}
