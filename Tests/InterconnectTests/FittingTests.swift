import Interconnect
import Statistics
import StoredFiles
import Testing

@Suite("Fits of a network")
struct FittingTests {
  @Test("Latency, bandwidth, reduction, schedules and the size of the switch come back")
  func recovery() throws {
    let network = SyntheticNetwork()
    let model = try network.model(ranks: [2, 4, 8])
    let fit = try #require(model.fits.first { $0.collective == .allReduce && $0.ranks == 4 })
    #expect(fit.regimes.count == 2)
    #expect((1 << 14...1 << 15).contains(fit.regimes[1].fromBytes))
    #expect(fit.regimes[0].schedules[0] == .doubling)
    // They differ in latency only, which large messages hardly have.
    #expect(fit.regimes[1].schedules == [.halving, .ring])
    for regime in fit.regimes { #expect(abs(regime.secondsPerByte / network.secondsPerByte - 1) < 0.05) }
    #expect(abs(fit.regimes[0].latencySeconds / network.latency - 1) < 0.05)
    #expect(abs(fit.regimes[1].reductionSecondsPerByte / network.reduction - 1) < 1e-6)
    let heldOut = try #require(model.heldOutError)
    #expect(heldOut < 0.03)
    #expect(fit.errorPerDoubling < 0.1)
  }

  @Test(
    "Fitted on 2, 3 and 4 ranks, 16 and 64 are told within a tenth, and lie in their intervals", arguments: [16, 64])
  func furtherRanks(_ ranks: Int) throws {
    let network = SyntheticNetwork()
    let model = try network.model(ranks: [2, 3, 4])
    for collective in Collective.allCases {
      for bytes in [64, 1 << 20, 1 << 26] {
        let estimate = try model.seconds(of: collective, bytes: bytes, ranks: ranks, nodes: ranks)
        let truth = network.seconds(collective, bytes, ranks)
        #expect(abs(estimate.seconds / truth - 1) < 0.1, "\(collective) of \(bytes): \(estimate), not \(truth)")
        #expect(estimate.low <= truth && truth <= estimate.high)
      }
    }
  }

  @Test("On two ranks alone the wire tells a tree from what uses both ways at once")
  func treeOfTwo() throws {
    var network = SyntheticNetwork()
    (network.small, network.large) = (.tree, .tree)
    let model = try network.model(ranks: [2])
    let fit = try #require(model.fits.first { $0.collective == .allReduce })
    for regime in fit.regimes { #expect(regime.schedules == [.tree]) }
    let truth = network.seconds(.allReduce, 1 << 20, 4)
    let estimate = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 4, nodes: 4)
    #expect(abs(estimate.seconds / truth - 1) < 0.1)
  }

  @Test("On two ranks alone a ring cannot be told from pairs: four ranks' interval holds both")
  func ringOfTwo() throws {
    let network = SyntheticNetwork()
    let model = try network.model(ranks: [2])
    let fit = try #require(model.fits.first { $0.collective == .allReduce })
    #expect(fit.regimes[1].schedules.count > 1 && fit.errorPerDoubling == CollectiveFit.unseenGrowth)
    let estimate = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 4, nodes: 4)
    for schedule in [Schedule.ring, .doubling] {
      var other = network
      other.large = schedule
      let truth = other.seconds(.allReduce, 1 << 20, 4)
      #expect(estimate.low <= truth && truth <= estimate.high)
    }
  }

  @Test("Where a setting names the schedule, two ranks are enough to know it")
  func namedSchedule() throws {
    var facts = NetworkModel.example.facts!
    facts.settings = ["OMPI_MCA_coll_libnbc_iallreduce_algorithm=1"]
    let model = try NetworkModel(facts: facts, times: SyntheticNetwork().times(ranks: [2]), reductions: [])
    #expect(model.fits[0].regimes.allSatisfy { $0.schedules == [.ring] })
    facts.settings = ["OMPI_MCA_coll_libnbc_iallreduce_algorithm=0"]
    #expect(facts.schedule(of: .allReduce) == nil && facts.schedule(of: .allGather) == nil)
  }

  @Test("Of two emulated hosts alone, three and four are told within 15 %", arguments: ["ring", "tree"])
  func backTest(_ schedule: String) throws {
    let measured = try NetworkModel.read(StoredFiles.file("network-\(schedule)/network.json").path)
    let two = try NetworkModel(
      facts: try #require(measured.facts), times: measured.times.filter { $0.ranks == 2 }, reductions: [])
    for hosts in [3, 4] {
      // Smaller messages cross an emulated link faster than its rate.
      let times = measured.times.filter {
        $0.ranks == hosts && $0.collective == .allReduce && $0.bytes >= 1 << 19
      }
      let misses = try times.map { time in
        let told = try two.seconds(of: .allReduce, bytes: time.bytes, ranks: hosts, nodes: hosts)
        #expect(told.basis == .extrapolated && told.low <= time.seconds && time.seconds <= told.high)
        return abs(told.seconds / time.seconds - 1)
      }
      #expect(misses.count == 6)
      #expect(try #require(misses.median) < 0.15, "\(hosts) hosts: \(misses)")
    }
  }

  @Test("A larger message that is cheaper, and one whose bytes are dearer, are told with both sizes")
  func cliffs() throws {
    let network = SyntheticNetwork()
    var times = network.times(ranks: [2], [.allReduce])
    for index in times.indices where times[index].bytes == 1 << 16 {
      times[index].seconds *= 3
      times[index].low *= 3
      times[index].high *= 3
    }
    let model = try NetworkModel(facts: NetworkModel.example.facts!, times: times, reductions: [])
    #expect(model.cliffs.map(\.kind) == [.dearer, .cheaper])
    #expect(model.cliffs.map(\.bytes) == [1 << 15, 1 << 16])
    #expect(model.cliffs.map(\.largerBytes) == [1 << 16, 1 << 17])
  }

  @Test func errorsOfAFewPerCentAreNoCliffs() throws {
    var network = SyntheticNetwork()
    network.large = .doubling
    #expect(try network.model(ranks: [2]).cliffs.isEmpty)
  }

  @Test func tooFewSizesAreAnError() throws {
    let times = SyntheticNetwork().times(ranks: [2], [.allReduce], sizes: [8, 16, 32])
    let error = #expect(throws: NetworkError.self) {
      try NetworkModel(facts: NetworkModel.example.facts!, times: times, reductions: [])
    }
    #expect(
      error?.description
        == "all-reduce of 2 ranks on 2 hosts was timed at 3 sizes, and a fit needs 4: allow more with --seconds or "
        + "--most-bytes")
  }

  @Test("A series of too few sizes keeps its times, and what the others are fitted to is not lost")
  func aShortSeriesIsLeftOut() throws {
    let network = SyntheticNetwork()
    let short = network.times(ranks: [4], [.allToAll], sizes: [8]) + network.times(ranks: [8], sizes: [8, 16, 32])
    let times = short + network.times(ranks: [2], [.allReduce])
    let model = try NetworkModel(facts: NetworkModel.example.facts!, times: times, reductions: [])
    #expect(model.times == times)
    #expect(model.fits.count == 1 && model.fits[0].collective == .allReduce && model.fits[0].ranks == 2)
  }

  @Test func nothingTimedIsAnError() {
    #expect(throws: NetworkError.self) {
      try NetworkModel(facts: NetworkModel.example.facts!, times: [], reductions: [])
    }
  }
}
