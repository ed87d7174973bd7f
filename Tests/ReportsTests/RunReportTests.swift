import Reports
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// A run of 64 steps an epoch on two ranks, whose every phase is known; see `SyntheticStudy`.
@Suite struct RunReportTests {
  private static var run: RunRecord {
    let study = SyntheticStudy.study()
    return SyntheticStudy.record(study.trials[0], of: study).run
  }

  /// The words of the line that begins with this: a time is two, its number and its unit.
  private func words(_ beginning: String, of run: RunRecord) throws -> [Substring] {
    let lines = RunReport(run).terminal.split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix(beginning) }, "\(beginning) in \(lines)")
    return line.dropFirst(beginning.count).split(separator: " ")
  }

  @Test func headingSaysWhatRanWhereAndHow() {
    let heading = RunReport(Self.run).terminal.split(separator: "\n")[0]
    #expect(
      heading == "mlp, 1000 parameters; synthetic, 4096 samples; global batch 64; 2 ranks × 1 thread", "\(heading)")
  }

  /// Loss 2 · (1 − 0.81) in training, 2.5 · (1 − 0.81) in validation, 0.03 more accurate in training.
  @Test func lastEpochHasItsFigures() throws {
    let words = try words("    4", of: Self.run)
    #expect(Array(words.suffix(4)) == ["0.3800", "0.4750", "84.00", "81.00"], "\(words)")
  }

  /// In updates where they are known.
  @Test func lostWorkIsTold() throws {
    var run = Self.run
    run.resumptions = [0, 1, 12_345, nil].map {
      Resumption(updates: 600, ranks: 2, writtenAt: "2026-01-01T00:00:00Z", lostSeconds: 12, lostUpdates: $0)
    }
    let lines = RunReport(run).terminal.split(separator: "\n").filter {
      $0.hasPrefix("went on after update 600, 12")
    }
    let rest = lines.map { $0.split(separator: ": ")[1].split(separator: ", and")[0] }
    #expect(
      rest == ["no update made again", "1 update made again", "12,345 updates made again", "work lost"], "\(lines)")
  }

  @Test func epochsThatWereNotEvaluatedSaySo() throws {
    var run = Self.run
    run.epochs[3].validation = nil
    let words = try words("    4", of: run)
    #expect(Array(words.suffix(3)) == ["–", "84.00", "–"], "\(words)")
  }

  /// Shares of 0.64032 s: forward 4 · 5.12 ms, update 4 · 38.4 ms, evaluation 4 · 50 ms; the exchange twice what is
  /// exposed.
  @Test(arguments: [
    ("Forward", "3.2"), ("Update", "24.0"), ("Evaluate", "31.2"), ("Elapsed", "100.0"),
    ("Exchange, hidden too", "32.0"),
  ])
  func sharesAreOfTheElapsedTime(phase: String, share: Substring) throws {
    let words = try words(phase, of: Self.run)
    #expect(words.count == 7 && words.last == share, "\(phase): \(words)")
    #expect(words[0] == words[2] && words[2] == words[4], "least, median and most of equal ranks: \(words)")
  }

  /// Unequal ranks: medians are shares of the median, of 0.64032 s.
  @Test func sharesAreOfTheMedianRank() throws {
    var run = Self.run
    run.ledger.elapsed = Spread(minimum: 0.5, median: run.ledger.elapsed.median, maximum: 1.25)
    #expect(try words("Forward", of: run).last == "3.2")
    let elapsed = try words("Elapsed", of: run)
    #expect(elapsed == ["500", "ms", "640", "ms", "1.25", "s", "100.0"], "\(elapsed)")
  }

  @Test func closingSaysWhatWasSentAndKept() {
    let text = RunReport(Self.run).terminal
    #expect(text.contains("1000 KiB per rank in 256 messages; peak memory 191 MiB per rank"), "\(text)")
    #expect(text.contains("samples/s; weights 0000"))
    #expect(!text.contains("test set"))
  }

  @Test func finalTestFiguresHaveALineOfTheirOwn() {
    var run = Self.run
    run.finalTest = Quality(loss: 0.5, accuracy: 0.75)
    let text = RunReport(run).terminal
    #expect(text.contains("final weights on the test set: loss 0.5000  accuracy 75.00 %\n"), "\(text)")
  }

  @Test func stepsThatWereLeftOutAreSaid() {
    var run = Self.run
    #expect(!RunReport(run).terminal.contains("left out"))
    run.skippedSteps = [
      SkippedStep(update: 3, place: "first in the loss of microbatch 1 of 4"), SkippedStep(update: 17_000),
    ]
    let text = RunReport(run).terminal
    #expect(text.contains("2 of ") && text.contains("was not finite: 3, 17,000; run.json has"), "\(text)")
    run.skippedSteps = (1...30).map { SkippedStep(update: $0) }
    #expect(RunReport(run).terminal.contains("8, 9, 10 …; run.json"))
  }

  @Test func binaryScoresHaveTheirOwnColumns() throws {
    var run = Self.run
    for index in run.epochs.indices {
      run.epochs[index].validation?.areaUnderCurve = 0.7125
      run.epochs[index].validation?.normalizedEntropy = 0.91
      run.epochs[index].validation?.calibration = 1.0625
    }
    let heading = try #require(RunReport(run).terminal.split(separator: "\n").first { $0.contains("Epoch") })
    #expect(heading.contains("AUC") && heading.contains("log loss") && !heading.contains("(%)"), "\(heading)")
    let words = try words("    4", of: run)
    #expect(Array(words.suffix(5)) == ["0.3800", "0.4750", "0.7125", "0.9100", "1.062"], "\(words)")
  }

  @Test func anEndingTakesThePlaceOfTheWeights() {
    let study = SyntheticStudy.study()
    let diverged = RunReport(SyntheticStudy.diverged(study.trials[0], of: study).run).terminal
    #expect(diverged.contains("diverged at update 3 on rank 0: loss is not finite") && !diverged.contains("weights"))
  }
}
