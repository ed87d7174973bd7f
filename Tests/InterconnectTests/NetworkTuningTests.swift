import Interconnect
import Testing

@Suite("Settings of a network")
struct NetworkTuningTests {
  private func model(_ settings: [String], factor: Double = 1, host: String = "node0") throws -> NetworkModel {
    var network = SyntheticNetwork()
    network.latency *= factor
    network.secondsPerByte *= factor
    network.reduction *= factor
    var facts = NetworkModel.example.facts!
    facts.settings = settings
    facts.hosts[0].name = host
    return try NetworkModel(facts: facts, times: network.times(ranks: [2], [.allReduce]), reductions: [])
  }

  @Test("The fastest is taken, with its settings as bash reads them, which the user's own override")
  func fastest() throws {
    let tuning = try NetworkTuning(
      [
        ("before", try model(["OMPI_MCA_btl_tcp_links=4"])),
        (
          "ring",
          try model(
            [
              "OMPI_MCA_btl_tcp_if_include=10.0.0.0/24", "OMPI_MCA_btl_tcp_links=4",
              "OMPI_MCA_coll_libnbc_iallreduce_algorithm=1", "OMPI_MCA_mpi_yield_when_idle=1",
            ], factor: 0.5)
        ), ("slow", try model([], factor: 2)),
      ], sizes: 1 << 16...1 << 24)
    #expect(tuning.best == 1)
    for (candidate, ratio) in zip(tuning.candidates, [1, 0.5, 2]) { #expect(abs(candidate.ratio / ratio - 1) < 1e-6) }
    #expect(
      tuning.lines == [
        "export OMPI_MCA_btl_tcp_links=${OMPI_MCA_btl_tcp_links:-4}",
        "export OMPI_MCA_coll_libnbc_iallreduce_algorithm=${OMPI_MCA_coll_libnbc_iallreduce_algorithm:-1}",
      ])
    #expect(tuning.sizes == (16...24).map { 1 << $0 })
  }

  @Test func aGainWithinTheNoiseChangesNothing() throws {
    let tuning = try NetworkTuning(
      [("before", try model([])), ("links", try model(["OMPI_MCA_btl_tcp_links=4"], factor: 0.98))],
      sizes: 1 << 16...1 << 24)
    #expect(tuning.best == 0 && tuning.lines.isEmpty)
  }

  @Test("What is faster at some sizes and slower at others changes nothing")
  func chance() throws {
    var other = try model(["OMPI_MCA_btl_tcp_links=2"])
    for index in other.times.indices { other.times[index].seconds *= index % 2 == 0 ? 0.6 : 1.4 }
    let tuning = try NetworkTuning([("before", try model([])), ("links", other)], sizes: 1 << 16...1 << 24)
    #expect(tuning.candidates[1].ratio < 0.97 && tuning.best == 0)
  }

  @Test("A gain at one size, which says nothing of chance, changes nothing")
  func oneSize() throws {
    let models = [("before", try model([])), ("links", try model(["OMPI_MCA_btl_tcp_links=4"], factor: 0.5))]
    let one = try NetworkTuning(models, sizes: 1 << 20...1 << 20)
    #expect(one.sizes == [1 << 20] && abs(one.candidates[1].ratio / 0.5 - 1) < 1e-6 && one.best == 0)
    #expect(try NetworkTuning(models, sizes: 1 << 20...1 << 21).best == 1)
  }

  @Test("What bash would run is no setting")
  func noCommands() throws {
    let tuning = try NetworkTuning(
      [("one", try model(["OMPI_MCA_btl_tcp_links=$(reboot)", "OMPI_MCA_coll_x=1;reboot"]))], sizes: 1 << 16...1 << 24)
    #expect(tuning.lines.isEmpty)
  }

  @Test func anotherClusterIsNamed() throws {
    let error = #expect(throws: NetworkError.self) {
      try NetworkTuning(
        [("one", try model([])), ("two", try model([], host: "other"))], sizes: 1 << 16...1 << 24)
    }
    #expect(error?.description.hasPrefix("two is of another cluster than one: other × 2, node1 × 2") == true)
  }

  @Test func noCommonSizesAreAnError() throws {
    let error = #expect(throws: NetworkError.self) { try NetworkTuning([("one", try model([]))], sizes: 3...5) }
    #expect(error?.description.contains("no all-reduce of 3 to 5 bytes in common") == true)
  }
}
