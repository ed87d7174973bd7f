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

  @Test func equalCostsGather() {
    let same = TableExchangeCosts(gatherLatency: 0, gatherSecondsPerRow: 0, reduceLatency: 0, reduceSecondsPerRow: 0)
    #expect(same.gathers(rows: 5, tableRows: 5))
  }
}
