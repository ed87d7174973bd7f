import Gradients
import Testing

@Suite struct TableExchangeCostsTests {
  private let costs = TableExchangeCosts(
    gatherLatency: 2e-5, gatherSecondsPerRow: 1e-7, reduceLatency: 1e-5, reduceSecondsPerRow: 5e-8)

  /// 20 µs + 0.1 µs a touched row against 10 µs + 0.05 µs a row of the table.
  @Test func choosesTheCheaperWay() {
    #expect(costs.gathers(rows: 1000, tableRows: 1_000_000))
    #expect(!costs.gathers(rows: 1000, tableRows: 2000))
    #expect(costs.gathers(rows: 900, tableRows: 2000))
    #expect(!costs.gathers(rows: 0, tableRows: 1))
  }

  /// 30 µs for 10 rows and 120 µs for 100: 1 µs a row, and 20 µs whatever the rows.
  @Test func costsAreALineThroughTwoTimes() {
    let line = TableExchangeCosts.line((rows: 10, seconds: 3e-5), (rows: 100, seconds: 1.2e-4))
    #expect(abs(line.perRow - 1e-6) < 1e-12 && abs(line.latency - 2e-5) < 1e-12)
    // Noise makes no row cheaper than nothing, and no exchange start before it starts.
    let falling = TableExchangeCosts.line((rows: 10, seconds: 3e-5), (rows: 100, seconds: 2e-5))
    #expect(falling.perRow == 0 && falling.latency == 3e-5)
    #expect(TableExchangeCosts.line((rows: 10, seconds: 1e-5), (rows: 100, seconds: 1.9e-4)).latency == 0)
  }

  @Test func equalCostsGather() {
    let same = TableExchangeCosts(gatherLatency: 0, gatherSecondsPerRow: 0, reduceLatency: 0, reduceSecondsPerRow: 0)
    #expect(same.gathers(rows: 5, tableRows: 5))
  }
}
