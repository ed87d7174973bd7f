import Measurement
import Statistics
import Testing

@Suite struct LedgerTests {
  /// Nanoseconds of a made-up clock.
  private let second: UInt64 = 1_000_000_000

  @Test func everyIntervalIsBookedOnceAndPhasesSumToElapsed() {
    var ledger = Ledger(steps: 1, now: 0)
    ledger.lap(.load, now: 1 * second)
    ledger.lap(.forward, now: 3 * second)
    ledger.lap(.backward, now: 7 * second)
    ledger.lap(.forward, now: 8 * second)
    #expect(ledger.seconds(.load) == 1 && ledger.seconds(.forward) == 3 && ledger.seconds(.backward) == 4)
    #expect(Phase.allCases.map(ledger.seconds).reduce(0, +) == ledger.elapsedSeconds)
    #expect(ledger.elapsedSeconds == 8)
  }

  @Test func timeCanBeMovedToThePhaseThatItBelongsTo() {
    var ledger = Ledger(steps: 1, now: 0)
    ledger.lap(.backward, now: 4 * second)
    ledger.rebook(1 * second, from: .backward, to: .exchangeWire)
    #expect(ledger.seconds(.backward) == 3 && ledger.seconds(.exchangeWire) == 1)
    // Never more than there is.
    ledger.rebook(9 * second, from: .backward, to: .exchangeWire)
    #expect(ledger.seconds(.backward) == 0 && ledger.seconds(.exchangeWire) == 4)
    #expect(Phase.allCases.map(ledger.seconds).reduce(0, +) == ledger.elapsedSeconds)
  }

  @Test func waitIsWhatPassedBeforeTheLastRankArrived() {
    var ledger = Ledger(steps: 3, now: 0)
    // Arrives at 1 and is blocked until 5; the last rank arrives at 4: 3 s of wait, 1 s of wire.
    ledger.lap(.backward, now: 1 * second)
    ledger.bookExchange(firstStart: second / 2, bytes: 100, messages: 2, now: 5 * second)
    // Arrives last: no wait.
    ledger.lap(.backward, now: 6 * second)
    ledger.bookExchange(firstStart: nil, bytes: 100, messages: 2, now: 8 * second)
    // A clock error must not make more wait than the rank was blocked.
    ledger.lap(.backward, now: 9 * second)
    ledger.bookExchange(firstStart: 9 * second, bytes: 100, messages: 2, now: 10 * second)
    ledger.settle(latestArrivals: [4 * second, 6 * second, 99 * second])
    #expect(ledger.seconds(.exchangeWait) == 4 && ledger.seconds(.exchangeWire) == 3)
    #expect(ledger.exchangedBytes == 300 && ledger.exchangedMessages == 6)
    let summary = LedgerSummary(ranks: [ledger.figures])
    // From the first bucket's start, half a second before the arrival.
    #expect(abs(summary.exchangeTotal.median - (4.5 + 2 + 1)) < 1e-9)
    #expect(summary.exchangeExposed.median == 7)
  }

  /// A gather that a step goes on from is exchange, and of that step.
  @Test func gathersWithinAStepAreExchange() {
    var ledger = Ledger(steps: 2, now: 0)
    // The first step: forward to 1, a gather to 3 (the last rank comes at 2), forward and backward to 6, gradients to 7.
    ledger.lap(.forward, now: 1 * second)
    ledger.bookGather(bytes: 40, now: 3 * second)
    ledger.lap(.backward, now: 6 * second)
    ledger.bookExchange(firstStart: nil, bytes: 100, messages: 2, now: 7 * second)
    #expect(ledger.lastStep == StepSeconds(forward: 1, backward: 3, wire: 3))
    // The second: a gather from 8 to 9, for which this rank was last, gradients from 9 to 12 (the last rank comes at 11).
    ledger.lap(.forward, now: 8 * second)
    ledger.bookGather(bytes: 40, now: 9 * second)
    ledger.bookExchange(firstStart: nil, bytes: 100, messages: 2, now: 12 * second)
    #expect(ledger.lastStep == StepSeconds(forward: 1, wire: 4))
    var waits: [[UInt64]] = []
    ledger.settle(latestArrivals: [2 * second, 6 * second, 8 * second, 11 * second]) { waits.append([UInt64($0), $1]) }
    #expect(waits == [[0, second], [1, 2 * second]])
    #expect(ledger.seconds(.exchangeWait) == 3 && ledger.seconds(.exchangeWire) == 4)
    #expect(ledger.exchangedBytes == 280 && ledger.exchangedMessages == 6)
    #expect(LedgerSummary(ranks: [ledger.figures]).exchangeTotal.median == 7)
    #expect(Phase.allCases.map(ledger.seconds).reduce(0, +) == ledger.elapsedSeconds)
  }

  /// A probe after an epoch is closed is one.
  @Test func anExchangeMayFollowASettledOne() {
    var ledger = Ledger(steps: 2, now: 0)
    ledger.lap(.backward, now: 1 * second)
    ledger.bookExchange(firstStart: nil, bytes: 100, messages: 2, now: 5 * second)
    ledger.settle(latestArrivals: [4 * second])
    ledger.lap(.backward, now: 6 * second)
    ledger.bookExchange(firstStart: nil, bytes: 100, messages: 2, now: 8 * second)
    #expect(ledger.lastStep == StepSeconds(backward: 1, wire: 2))
  }

  /// Waiting between updates is exchange; what was computed meanwhile is not.
  @Test func sumsThatComeInPartsAreExchange() {
    var ledger = Ledger(steps: 1, now: 0)
    ledger.lap(.backward, now: 2 * second)
    ledger.bookExchange(firstStart: 1 * second, bytes: 100, messages: 2, now: 3 * second)
    // From 3 to 8: five seconds, three of them waiting, the last part at 7.
    ledger.lap(.update, now: 8 * second)
    ledger.bookParts(3 * second, until: 7 * second)
    // Of the 4 s that this rank was blocked, the first two were for the last rank.
    ledger.settle(latestArrivals: [4 * second])
    #expect(ledger.seconds(.update) == 2)
    #expect(ledger.seconds(.exchangeWait) == 2 && ledger.seconds(.exchangeWire) == 2)
    let summary = LedgerSummary(ranks: [ledger.figures])
    #expect(summary.exchangeTotal.median == 6 && summary.exchangeExposed.median == 4)
    #expect(Phase.allCases.map(ledger.seconds).reduce(0, +) == ledger.elapsedSeconds)
  }

  @Test func summaryOfIntervalsAddsEachRanksFigures() {
    func figures(_ seconds: UInt64, samples: Int) -> [Double] {
      var ledger = Ledger(steps: 1, now: 0)
      ledger.beginStep()
      ledger.lap(.forward, now: seconds * second)
      ledger.endStep(samples: samples)
      return ledger.figures
    }
    // Rank 0 takes 1 s then 5 s, rank 1 takes 4 s then 1 s.
    let summary = LedgerSummary(summing: [
      [figures(1, samples: 8), figures(4, samples: 7)], [figures(5, samples: 8), figures(1, samples: 7)],
    ])
    #expect(summary[.forward] == Spread(minimum: 5, median: 5.5, maximum: 6))
    #expect(summary.samples == 30 && summary.steps == 2)
    #expect(summary.peakMemoryBytes.maximum > 0)
  }

  @Test func tableTrafficAddsUpAndIsLeftOutWhereThereIsNone() throws {
    func figures(touched: Int, bytes: Int) -> [Double] {
      var ledger = Ledger(steps: 2, now: 0)
      var traffic = TableTraffic(touchedRows: touched, mergedRows: 20)
      traffic.sparseSteps = 1
      traffic.sparseBytes = bytes
      traffic.messages = 3
      ledger.bookExchange(firstStart: nil, bytes: 100, messages: 2, tables: traffic, now: second)
      traffic.sparseSteps = 0
      traffic.denseSteps = 1
      traffic.sparseBytes = 0
      traffic.denseBytes = 500
      ledger.bookExchange(firstStart: nil, bytes: 100, messages: 2, tables: traffic, now: 2 * second)
      return ledger.figures
    }
    let ranks = [figures(touched: 10, bytes: 80), figures(touched: 14, bytes: 112)]
    let summary = LedgerSummary(summing: [ranks, ranks])
    let tables = try #require(summary.tables)
    #expect(tables.sparseSteps == 2 && tables.denseSteps == 2 && tables.messages == 12)
    #expect(tables.sparseBytes == Spread([160, 224]) && tables.denseBytes == 1000)
    #expect(tables.touchedRows == Spread([40, 56]) && tables.mergedRows == 80)
    #expect(summary.exchangedBytes == 400)
    #expect(LedgerSummary(ranks: [Ledger(steps: 0, now: 0).figures]).tables == nil)
  }

  /// Ranks that hold a part of the rows each count it twice, being two; of an interval with fewer ranks these alone count.
  @Test func rowsOfPartsAddUpToThoseOfTheBatch() throws {
    func figures(merged: Int) -> [Double] {
      var ledger = Ledger(steps: 1, now: 0)
      ledger.bookExchange(
        firstStart: nil, bytes: 0, messages: 0, tables: TableTraffic(touchedRows: 5, mergedRows: merged), now: second)
      return ledger.figures
    }
    let two = [figures(merged: 2 * 7), figures(merged: 2 * 4)]
    #expect(LedgerSummary(ranks: two).tables?.mergedRows == 11)
    #expect(LedgerSummary(summing: [two, [figures(merged: 9)]]).tables?.mergedRows == 20)
  }

  /// Times of intervals add up; a largest resident set is the largest of them.
  @Test func peaksOfIntervalsAreNotSummed() {
    let phases = [Double](repeating: 1, count: Phase.allCases.count)
    func figures(peak: Double) -> [Double] {
      phases + [9, 0, 2, peak, 100, 3, 1, 10] + [Double](repeating: 0, count: 7 + 8)
    }
    let summary = LedgerSummary(summing: [
      [figures(peak: 500), figures(peak: 700)], [figures(peak: 600), figures(peak: 600)],
    ])
    #expect(summary.peakMemoryBytes == Spread([600, 700]))
    #expect(summary.elapsed == Spread([18, 18]) && summary.cpuSeconds == Spread([4, 4]) && summary.samples == 40)
  }

  @Test func spreadOfAnEvenCountTakesTheMiddle() {
    #expect(Spread([4, 1, 3, 2]) == Spread(minimum: 1, median: 2.5, maximum: 4))
    #expect(Spread([7]) == Spread(minimum: 7, median: 7, maximum: 7))
  }
}
