import Measurement
import StoredFiles
import Testing
import Training

/// Two ranks, two layers of 1,000 floats each. Backward: the last layer's gradients are final 40 ms before the end.
@Suite struct WhatIfTests {
  private func steps(_ rows: [[StepSeconds]], stepsPerRow: Int = 1) -> RunSteps {
    RunSteps(
      firstStep: 2, steps: rows[0].count * stepsPerRow, stepsPerRow: stepsPerRow,
      ranks: rows.map { RunSteps.Rank(host: "a", microbatches: 1, rows: $0) },
      layers: [
        .init(name: "dense1", floats: 1_000_000, ready: 0), .init(name: "relu1", floats: 0, ready: 0.02),
        .init(name: "dense2", floats: 1_000_000, ready: 0.04),
      ], buckets: [.init(floats: 1_000_000, layer: 2), .init(floats: 1_000_000, layer: 0)])
  }

  private func wire(
    _ exposed: Double, startsEarly: Bool = true, tableBytes: Double = 0, link: Double? = nil
  ) -> WireModel {
    WireModel(
      steps([[StepSeconds(wire: 1)], [StepSeconds(wire: 1)]]), gradientBytes: 8e6, tableBytes: tableBytes,
      startsEarly: startsEarly, exposed: exposed, linkBytesPerSecond: link)
  }

  @Test func theWireTakesWhatExposesAsMuchAsWasMeasured() {
    // The second bucket alone is exposed: its 4 MB in 30 ms.
    #expect(abs(wire(0.03).secondsPerByte - 0.03 / 4e6) < 1e-15)
    // Both took 70 ms a bucket, from 40 ms before the end on.
    #expect(abs(wire(0.1).secondsPerByte - 0.07 / 4e6) < 1e-15)
    #expect(abs(wire(0.1, startsEarly: false).secondsPerByte - 0.1 / 8e6) < 1e-15)
    #expect(abs(wire(0.1, startsEarly: false, tableBytes: 2e6).secondsPerByte - 0.1 / 1e7) < 1e-15)
    #expect(wire(0).secondsPerByte == 0)
  }

  @Test func aFasterNetworkHidesMore() {
    let wire = wire(0.1)
    // 35 ms a bucket: the first is hidden.
    #expect(abs(wire.exposed(wire.messages, speed: 2) - 0.035) < 1e-9)
    #expect(abs(wire.exposed(wire.messages, speed: 0.5) - 0.24) < 1e-9)
    // A shorter backward pass hides less: 20 ms of 140.
    #expect(abs(wire.exposed(wire.messages, hiding: 0.5) - 0.12) < 1e-9)
  }

  /// 80 of 200 ms are the link's.
  @Test func onlyTheLinksShareGetsFaster() {
    let wire = wire(0.2, startsEarly: false, link: 1e8)
    #expect(abs(wire.secondsPerByte - 10e-9) < 1e-15 && abs(wire.beside - 0.12) < 1e-9)
    #expect(abs(wire.exposed(wire.messages, speed: 10) - 0.128) < 1e-9)
    #expect(abs(wire.exposed(wire.messages, speed: 0.5) - 0.28) < 1e-9)
  }

  /// Of 50 ms the link explains 4.
  @Test func whatTheLinkDoesNotExplainStaysAsItWas() {
    let wire = wire(0.05, link: 1e9)
    // 4 ms a bucket, of which the second is seen.
    #expect(abs(wire.beside - 0.046) < 1e-9)
    // 40 ms each: the first just ends with the backward pass.
    #expect(abs(wire.exposed(wire.messages, speed: 0.1) - 0.086) < 1e-9)
  }

  /// The first layer's gradients come in two parts, the first of which is final with the last layer's, and travel in two buckets.
  @Test func partsOfALayerLeaveBeforeItIsDone() {
    var steps = steps([[StepSeconds(wire: 1)]])
    steps.layers[0].firstPart = .init(floats: 500_000, ready: 0.04)
    steps.buckets = [.init(floats: 1_000_000, layer: 2)] + Array(repeating: .init(floats: 500_000, layer: 0), count: 2)
    let wire = WireModel(steps, gradientBytes: 8e6, tableBytes: 0, startsEarly: true, exposed: 0.02)
    #expect(wire.messages.map(\.ready) == [-0.04, -0.04, 0])
    // Either the last 2 MB alone are seen, or all is a stretch of 60 ms.
    #expect(abs(wire.secondsPerByte - 0.06 / 8e6) < 1e-12)
    #expect(
      wire.messages(bucketBytes: 2_000_000).map(\.ready) == [-0.04, -0.04, -0.04, 0], "the run's own but for the cut")
    // In four, the third is final half way between the first part and the layer.
    let small = wire.messages(bucketBytes: 1_000_000)
    #expect(small.suffix(4).map { ($0.ready * 1000).rounded() } == [-40, -40, -20, 0])
  }

  /// Signals, then two buckets of 4 MB; each one's update of 10 ms hides as much of the next one's way.
  @Test func updatesHideTheWayOfLaterParts() {
    var steps = steps([[StepSeconds(update: 0.02, wire: 1)]])
    steps.buckets.insert(.init(floats: 16, layer: 2), at: 0)
    let wire = WireModel(steps, gradientBytes: 8e6, tableBytes: 0, startsEarly: false, exposed: 0.07)
    // 40 ms each: the first is waited for, and 30 of the second.
    #expect(abs(wire.secondsPerByte - 0.04 / 4e6) < 1e-12)
    #expect(abs(wire.exposed(wire.messages) - 0.07) < 1e-6)
    // As fast as the update: only the first is waited for.
    #expect(abs(wire.exposed(wire.messages, speed: 4) - 0.01) < 1e-5)
    #expect(wire.messages(bucketBytes: 4_000_000).count == 3, "signals leave first in other buckets too")
  }

  @Test func otherBucketsAreCutFromTheLayers() {
    let wire = wire(0.1)
    // All in one, due at the end; the last layer's alone, then the rest; and as it was.
    #expect(wire.messages(bucketBytes: 1 << 30).count == 1)
    #expect(abs(wire.exposed(wire.messages(bucketBytes: 1 << 30)) - 0.14) < 1e-5)
    #expect(abs(wire.exposed(wire.messages(bucketBytes: 4_000_000)) - 0.1) < 1e-5)
    let small = wire.messages(bucketBytes: 100_000)
    #expect(small.count == 80 && small[0].ready == -0.04 && small[79].ready == 0)
    #expect(abs(wire.exposed(small) - 0.1) < 1e-5, "a wire that is never idle takes as long in any pieces")
  }

  private func whatIf(_ steps: RunSteps) throws -> WhatIf {
    try WhatIf(steps, RunRecord.read(StoredFiles.file("mlp/run.json")))
  }

  @Test func withoutItsStragglerEachStepTakesWhatTheOthersDo() throws {
    let (fast, slow) = (StepSeconds(backward: 1, wait: 2), StepSeconds(backward: 3))
    let whatIf = try whatIf(steps([[fast, fast, slow], [slow, slow, fast]]))
    #expect(abs(whatIf.measured - 9) < 1e-6 && abs(whatIf.seconds(.withoutStraggler) - 3) < 1e-9)
    #expect(abs(whatIf.seconds(.networkSpeed(10)) - 9) < 1e-6 && whatIf.stepCount == 3)
  }

  @Test func aNetworkOfTwiceTheSpeedHalvesWhatNothingHides() throws {
    let row = StepSeconds(backward: 1, wire: 1)
    var steps = steps([[row, row], [row, row]])
    for layer in steps.layers.indices { steps.layers[layer].ready = 0 }
    let whatIf = try whatIf(steps)
    #expect(abs(whatIf.seconds(.networkSpeed(2)) - 3) < 1e-6 && abs(whatIf.seconds(.networkSpeed(0.5)) - 6) < 1e-6)
    #expect(abs(whatIf.seconds(.bucketBytes(1 << 20)) - 4) < 1e-4)
  }

  @Test func whatSaysNothingIsAnError() {
    #expect(throws: WhatIf.Failure.self) { try whatIf(steps([[.zero]])) }
    #expect(throws: WhatIf.Failure.self) { try whatIf(steps([[], []])) }
  }
}
