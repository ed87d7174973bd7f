import Configuration
import Foundation
import Statistics
import Studies
import SyntheticStudies
import Testing

/// A further axis, such as `momentum`, needs a file of its own and its place in `Axis.allCases`: the rest follows.
@Suite("Axes")
struct AxisTests {
  /// Three batches, two rules, one seed, two momenta.
  private static var study: StudyConfiguration {
    var study = SyntheticStudy.study(seeds: [1])
    study.axes[.momentum] = [.number(0), .number(0.9)]
    return study
  }

  @Test("Trials are the product of all axes, and a trial's run has its value of each")
  func trials() throws {
    let trials = Self.study.trials
    #expect(trials.count == 5 * 2 && Set(trials).count == trials.count)
    #expect(trials.prefix(5).allSatisfy { $0.values[.momentum] == .number(0) })
    #expect(try #require(Self.study.run(for: trials[0])).optimizer.momentum == 0)
    #expect(try #require(Self.study.run(for: trials[9])).optimizer.momentum == 0.9)
    #expect(SyntheticStudy.study(seeds: [1]).trials.allSatisfy { $0.values[.momentum] == nil })
  }

  @Test("A trial's place is a value by each axis' key, and what is written is read again")
  func coding() throws {
    let trial = Self.study.trials[0]
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(trial)) as? NSDictionary
    let expected: NSDictionary = ["globalBatch": 64, "scaling": "none", "seed": 1, "ranks": 2, "momentum": 0]
    #expect(json == expected)
    let record = SyntheticStudy.record(Self.study.trials[7], of: Self.study)
    let text = try JSONEncoder().encode(record)
    let read = try text.withUnsafeBytes { try TrialRecord(stored: ConfigurationNode(json: $0, source: "a line")) }
    #expect(read.trial == record.trial && read.trial.values[.momentum] == .number(0.9))
  }

  @Test("Each value is a curve with its place, its seeds and its name")
  func curves() throws {
    let study = Self.study
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    #expect(summary.points.count == 6 * 2 && summary.furtherAxes == [.momentum])
    #expect(summary.curves.count == 4 && summary.missingTrials == 0 && summary.finishedTrials == 10)
    for curve in summary.curves {
      #expect(summary.points(on: curve, ranks: 2).map(\.place.globalBatch) == [64, 256, 1024])
    }
    // A momentum costs no time: trials of both are taken together.
    #expect(summary.execution.map(\.globalBatch) == [64, 256, 1024])
    #expect(try #require(summary.execution.first?[.epochSeconds]).count == 2 * 4)
    #expect(try #require(summary.execution.last?[.epochSeconds]).count == 4 * 4)
  }

  @Test("A claim may name a value, or divide by it")
  func claims() throws {
    var study = Self.study
    var (none, some) = (StudyClaim.Place(), StudyClaim.Place())
    none.values[.momentum] = .number(0)
    some.values[.momentum] = .number(0.9)
    study.claims = [
      SyntheticStudy.claim("validationAccuracy", of: none, atLeast: 0),
      SyntheticStudy.claim("validationAccuracy", of: some, over: none, atLeast: 1, atMost: 1),
    ]
    let summary = StudySummary(study, SyntheticStudy.records(of: study))
    #expect(summary.claims.map(\.places) == [5, 5] && summary.claims[1].verdict == .agrees)
  }

  @Test("A study that gains an axis is another study, and one without keeps its fingerprint")
  func identity() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("axes-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      let plain = SyntheticStudy.study(seeds: [1])
      try TrialStore(folder: folder, study: plain).append(SyntheticStudy.record(plain.trials[0], of: plain))
    }
    let error = #expect(throws: StudyError.self) { _ = try TrialStore(folder: folder, study: Self.study) }
    #expect(
      error?.description.contains("run.optimizer.momentum is 0.9 there and varied by axes.momentum here") == true)
    var longer = Self.study
    let other = folder + "-other"
    defer { try? FileManager.default.removeItem(atPath: other) }
    do { _ = try TrialStore(folder: other, study: Self.study) }
    longer.axes[.momentum]?.append(.number(0.5))
    #expect(try TrialStore(folder: other, study: longer).remaining.count == 15)
  }

  @Test("Values are in order: numbers by size, before words")
  func order() {
    #expect(
      [AxisValue.word("b"), .number(2.5), .whole(10), .word("a"), .seed(3)].sorted()
        == [.number(2.5), .seed(3), .whole(10), .word("a"), .word("b")])
  }

  @Test("A place moved to another keeps what the other says nothing of")
  func places() {
    var (place, other) = (AxisValues(), AxisValues())
    (place.ranks, place.globalBatch) = (2, 64)
    other.ranks = 4
    #expect(place.moved(to: other).globalBatch == 64 && place.moved(to: other).ranks == 4)
    #expect(other.fits(place.moved(to: other)) && !other.fits(place))
    #expect(place.without(.ranks).ranks == nil && place.ofExecution == place)
    other.scaling = .linear
    #expect(other.ofExecution.scaling == nil && other.scaling == .linear)
  }
}
