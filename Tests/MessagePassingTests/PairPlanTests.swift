import MessagePassing
import Testing

@Suite struct PairPlanTests {
  @Test func pairsWithTheFirstHostAreTriedAlready() {
    #expect(PairPlan(hosts: [0, 0, 1, 1]).partners == [[], [], [], []])
    #expect(PairPlan(hosts: [0, 1, 2]).partners == [[], [2], [1]])
  }

  @Test(arguments: [(3, 1), (4, 2), (16, 3), (64, 1)])
  func everyPairOfOtherHostsIsTriedOnce(hosts: Int, ranksPerHost: Int) {
    let place = (0..<hosts * ranksPerHost).map { $0 / ranksPerHost }
    let partners = PairPlan(hosts: place).partners
    var pairs: [[Int]: Int] = [:]
    for (rank, others) in partners.enumerated() {
      #expect(others.count <= hosts)
      for other in others {
        #expect(partners[other].contains(rank), "both try")
        pairs[[place[rank], place[other]].sorted(), default: 0] += 1
      }
    }
    #expect(pairs.count == (hosts - 1) * (hosts - 2) / 2)
    #expect(pairs.values.allSatisfy { $0 == 2 })
  }

  @Test func ofManyHostsThoseThatCollectivesJoin() {
    let partners = PairPlan(hosts: Array(0..<1000)).partners
    #expect(partners.allSatisfy { $0.count <= 20 })
    #expect(partners[500].contains(501) && partners[500].contains(516) && !partners[500].contains(503))
  }

  @Test func ranksOfAHostNeedNotBeNeighbours() {
    #expect(PairPlan(hosts: [0, 1, 2, 0, 1, 2]).partners == [[], [5], [], [], [], [1]])
  }
}
