import Configuration
import Measurement
import Statistics
import Testing
import Training

@Suite struct ExposedShareTests {
  private static func spread(_ value: Double) -> Spread { Spread(minimum: value, median: value, maximum: value) }

  private func notice(
    wire: Double, evaluate: Double = 0, steps: Int = 100, _ change: (inout RunConfiguration) -> Void = { _ in }
  ) -> String? {
    let zero = Self.spread(0)
    let ledger = LedgerSummary(
      phases: ["exchangeWire": Self.spread(wire), "evaluate": Self.spread(evaluate)], elapsed: Self.spread(10),
      exchangeTotal: zero, exchangeExposed: zero, exchangedBytes: 1, exchangedMessages: 1, cpuSeconds: zero,
      peakMemoryBytes: zero, steps: steps, samples: 1)
    var configuration = RunConfiguration(
      model: .mlp(widths: [1], batchNorm: false, dropout: 0), data: DataConfiguration(path: ""), globalBatch: 1,
      epochs: 1)
    change(&configuration)
    return ExposedShare.notice(ledger, configuration)
  }

  @Test func aQuarterIsFine() {
    #expect(notice(wire: 2.5) == nil)
    #expect(notice(wire: 9, steps: 19) == nil, "too few steps to say")
  }

  @Test func moreIsToldWithWhatIsLeftToDo() throws {
    #expect(
      notice(wire: 2.6)
        == "26 % of the training time went into moving gradients with nothing computed meanwhile: a larger globalBatch, "
        + "exchangePrecision: bfloat16, fewer ranks would lower it")
    #expect(notice(wire: 2, evaluate: 4)?.hasPrefix("33 %") == true, "of the training time")
    let exact = try #require(notice(wire: 9) { $0.execution.summation = .reproducible })
    #expect(exact.contains("execution.summation: fast") && !exact.contains("bfloat16"))
    let late = try #require(notice(wire: 9) { $0.execution.overlap = .none })
    #expect(late.contains("execution.overlap: auto"))
    #expect(notice(wire: 9) { $0.exchangePrecision = .bfloat16 }?.contains("bfloat16") == false)
  }
}
