import Interconnect
import Testing

@Suite("What is timed")
struct MeasurementPlanTests {
  @Test("Ranks of one node, one on each node, and all of some nodes")
  func groups() {
    let groups = RankGroup.all(nodes: [0, 0, 1, 1, 2])
    #expect(
      groups == [
        RankGroup(members: [0, 1], nodes: 1), RankGroup(members: [0, 2], nodes: 2),
        RankGroup(members: [0, 2, 4], nodes: 3), RankGroup(members: [0, 1, 2, 3], nodes: 2),
        RankGroup(members: [0, 1, 2, 3, 4], nodes: 3),
      ])
  }

  @Test("Ranks that take turns over nodes, and a node that has more than the first")
  func otherOrders() {
    #expect(
      RankGroup.all(nodes: [0, 1, 1]) == [
        RankGroup(members: [1, 2], nodes: 1), RankGroup(members: [0, 1], nodes: 2),
        RankGroup(members: [0, 1, 2], nodes: 2),
      ])
  }

  @Test("2, 3, 4, powers of two, and all of them")
  func counts() {
    #expect(RankGroup.all(nodes: Array(repeating: 0, count: 11)).map(\.members.count) == [2, 3, 4, 8, 11])
    #expect(RankGroup.all(nodes: Array(0..<4)).map(\.members.count) == [2, 3, 4])
    #expect(RankGroup.all(nodes: [0]).isEmpty)
  }

  @Test("Powers of two from 8 bytes on, in whole floats of each rank, and a run's buckets for all-reduces")
  func sizes() {
    let plan = MeasurementPlan(mostBytes: 128, bucketBytes: [100, 64])
    #expect(plan.sizes(of: .allReduce, ranks: 3) == [8, 16, 32, 64, 100, 128])
    #expect(plan.sizes(of: .allGather, ranks: 3) == [12, 36, 60, 132])
    #expect(plan.sizes(of: .allToAll, ranks: 4) == [16, 32, 64, 128])
  }

  @Test("The least that --most-bytes may be is enough for an all-reduce, and for others of up to 5 ranks")
  func leastMostBytes() {
    let plan = MeasurementPlan(mostBytes: MeasurementPlan.leastMostBytes)
    func count(_ collective: Collective, _ ranks: Int) -> Int { plan.sizes(of: collective, ranks: ranks).count }
    #expect(count(.allReduce, 64) >= 4 && (2...5).allSatisfy { count(.allToAll, $0) >= 4 })
    #expect(count(.allToAll, 6) == 3 && count(.allToAll, 8) == 3)
  }

  @Test func everythingIsThere() {
    let sizes = MeasurementPlan().sizes(of: .allToAll, ranks: 2)
    #expect(sizes.first == 8 && sizes.last == 64 << 20 && sizes.count == 24)
  }

  @Test("What a node must send, or be sent, bounds a call")
  func bounds() throws {
    func least(_ collective: Collective, _ ranks: Int, _ nodes: Int) -> Double? {
      collective.leastSeconds(bytes: 1000, ranks: ranks, nodes: nodes, bytesPerSecond: 1000)
    }
    #expect(least(.allReduce, 2, 2) == 1 && least(.allReduce, 4, 4) == 1.5 && least(.allReduce, 8, 4) == 1.5)
    #expect(least(.allGather, 4, 4) == 0.75 && least(.reduceScatter, 4, 4) == 0.75)
    #expect(least(.allToAll, 4, 4) == 0.75 && least(.allToAll, 8, 4) == 1.5)
    #expect(least(.allReduce, 2, 1) == nil)
  }
}
