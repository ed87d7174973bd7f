import Interconnect
import Testing

@Suite("Schedules of collectives")
struct ScheduleTests {
  /// Rounds, bytes moved and reduced of 8 ranks: Thakur, Rabenseifner and Gropp 2005, sections 4.1 to 4.5.
  @Test(arguments: [
    (Collective.allReduce, Schedule.tree, 6.0, 6.0, 3.0), (.allReduce, .doubling, 3, 3, 3),
    (.allReduce, .halving, 6, 1.75, 0.875), (.allReduce, .ring, 14, 1.75, 0.875), (.reduceScatter, .tree, 6, 3.875, 3),
    (.reduceScatter, .halving, 3, 0.875, 0.875), (.reduceScatter, .ring, 7, 0.875, 0.875),
    (.allGather, .doubling, 3, 0.875, 0), (.allGather, .ring, 7, 0.875, 0), (.allToAll, .doubling, 3, 1.5, 0),
    (.allToAll, .ring, 7, 0.875, 0),
  ])
  func costsOfEightRanks(
    _ collective: Collective, _ schedule: Schedule, _ rounds: Double, _ moved: Double, _ reduced: Double
  ) {
    #expect(
      schedule.costs(of: collective, ranks: 8) == Schedule.Costs(rounds: rounds, moved: moved, reduced: reduced))
  }

  @Test("Two ranks beyond a power of two cost one more exchange before and one after")
  func sixRanks() {
    #expect(
      Schedule.doubling.costs(of: .allReduce, ranks: 6) == Schedule.Costs(rounds: 4, moved: 4, reduced: 3))
    #expect(
      Schedule.halving.costs(of: .allReduce, ranks: 6) == Schedule.Costs(rounds: 6, moved: 3.5, reduced: 1.75))
  }

  @Test(arguments: Schedule.allCases, Collective.allCases)
  func oneRankCostsNothing(_ schedule: Schedule, _ collective: Collective) {
    guard let costs = schedule.costs(of: collective, ranks: 1) else { return }
    #expect(costs == Schedule.Costs(rounds: 0, moved: 0, reduced: 0))
  }

  @Test func nothingIsDoneByEverySchedule() {
    #expect(Schedule.all(of: .allReduce) == Schedule.allCases)
    #expect(Schedule.all(of: .allGather) == [.doubling, .ring])
    #expect(Schedule.all(of: .reduceScatter) == [.tree, .halving, .ring])
  }
}
