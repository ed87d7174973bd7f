import Measurement
import Testing

@Suite struct StepLedgerTests {
  private let second: UInt64 = 1_000_000_000

  private func step(_ backward: Float) -> StepSeconds { StepSeconds(backward: backward, wire: 1) }

  @Test func theFirstStepIsLeftOutAndEveryOtherIsARow() {
    var ledger = StepLedger(mostRows: 4)
    for number in 0..<4 { ledger.append(step(Float(number))) }
    #expect(ledger.rows == [step(1), step(2), step(3)])
    #expect(ledger.steps == 3 && ledger.stepsPerRow == 1 && ledger.taken == 4)
  }

  @Test func moreStepsThanRowsAreSummedAndNothingIsLeftOut() {
    var ledger = StepLedger(mostRows: 4)
    let capacity = ledger.rows.capacity
    for number in 0...19 { ledger.append(step(Float(number))) }
    #expect(ledger.stepsPerRow == 8 && ledger.steps == 19 && ledger.rows.count == 3)
    #expect(ledger.rows.map { $0[.backward] } == [36, 100, 54] && ledger.rows.map { $0[.wire] } == [8, 8, 3])
    #expect(ledger.rows.capacity == capacity)
  }

  @Test func waitsFindTheirRowWhateverItSumsUp() {
    var ledger = StepLedger(mostRows: 4)
    for number in 0...8 { ledger.append(step(Float(number))) }
    ledger.moveToWait(0.5, ofStep: 0)
    ledger.moveToWait(0.5, ofStep: 1)
    ledger.moveToWait(0.25, ofStep: 8)
    #expect(ledger.rows.map { $0[.wait] } == [0.5, 0, 0, 0.25])
    #expect(ledger.rows.map { $0[.wire] } == [1.5, 2, 2, 1.75])
  }

  /// What is waited for between updates is the step's whose sums they are.
  @Test func sumsThatComeLaterAreTheLastSteps() {
    var ledger = StepLedger(mostRows: 4)
    ledger.append(step(0))
    // Of the step that is no row's.
    ledger.addWire(8)
    ledger.append(step(1))
    ledger.addWire(0.5)
    ledger.append(step(2))
    #expect(ledger.rows.map { $0[.wire] } == [1.5, 1])
  }

  @Test func manyRanksHaveFewerRows() {
    #expect(StepLedger(ranks: 2).mostRows(of: 100_000) == 1024 && StepLedger(ranks: 2).mostRows(of: 7) == 7)
    #expect(StepLedger(ranks: 64).mostRows(of: 100_000) == 256 && StepLedger(ranks: 100_000).mostRows(of: 99) == 32)
  }

  /// From one exchange's end to the next one's: what follows an exchange is the next step's.
  @Test func aStepIsWhatWasBookedSinceTheExchangeBefore() {
    var ledger = Ledger(steps: 2, now: 0)
    ledger.lap(.load, now: 1 * second)
    ledger.lap(.backward, now: 4 * second)
    ledger.rebook(1 * second, from: .backward, to: .exchangeWire)
    ledger.bookExchange(firstStart: nil, bytes: 1, messages: 1, now: 5 * second)
    #expect(ledger.lastStep == StepSeconds(load: 1, backward: 2, messages: 1, wire: 1))
    ledger.lap(.update, now: 7 * second)
    ledger.lap(.other, now: 8 * second)
    ledger.lap(.forward, now: 9 * second)
    ledger.bookExchange(firstStart: nil, bytes: 1, messages: 1, now: 12 * second)
    #expect(ledger.lastStep == StepSeconds(update: 2, other: 1, forward: 1, wire: 3))
    #expect(ledger.lastStep.untilArrival == 4 && ledger.lastStep.total == 7)
    var waits: [Int: UInt64] = [:]
    ledger.settle(latestArrivals: [4 * second, 11 * second]) { waits[$0] = $1 }
    #expect(waits == [1: 2 * second])
  }

  @Test func figuresBecomeTheSameRows() {
    let rows = [StepSeconds(update: 1, wait: 2), StepSeconds(load: 3, wire: 4)]
    #expect(StepSeconds.rows(rows.flatMap(\.figures)) == rows && StepSeconds.rows([]) == [])
  }

  @Test func layersAreReadyBeforeTheRankIsDone() {
    var readiness = LayerReadiness(layers: 2)
    readiness.append([0, 0], firstParts: [0, 0], arrival: 9 * second)
    readiness.append([3 * second, 1 * second], firstParts: [2 * second, 1 * second], arrival: 4 * second)
    readiness.append([9 * second, 6 * second], firstParts: [7 * second, 6 * second], arrival: 9 * second)
    #expect(readiness.seconds == [0.5, 3] && readiness.firstPartSeconds == [2, 3])
  }

  @Test func onlyStepsOfTheWindowAreNotedAndNoMoreThanThereIsRoomFor() {
    let recorder = TraceRecorder(steps: 2...3, capacity: 3)
    for step in 1...4 {
      recorder.begin(step: step)
      #expect(recorder.isOn == (2...3 ~= step))
      recorder.note(.phase, step, from: 10, to: 20)
      recorder.note(.bucket, step, from: 30, to: 25)
    }
    #expect(recorder.events.map(\.number) == [2, 2, 3] && recorder.lost == 1)
    #expect(recorder.events[1] == .init(.bucket, 2, start: 30, end: 30, step: 2), "an end before its begin")
  }

  @Test func lapsAreNotedWhereSomebodyWatches() {
    let recorder = TraceRecorder(steps: 1...1, capacity: 9)
    recorder.begin(step: 1)
    var ledger = Ledger(steps: 1, recorder: recorder, now: 5)
    ledger.beginStep()
    ledger.lap(.forward, now: 7)
    ledger.endStep(samples: 1)
    #expect(
      recorder.events == [
        .init(.phase, Phase.forward.rawValue, start: 5, end: 7, step: 1), .init(.step, 0, start: 5, end: 7, step: 1),
      ])
  }
}
