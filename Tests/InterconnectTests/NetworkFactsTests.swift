import Interconnect
import Testing

@Suite("The cluster of a network model")
struct NetworkFactsTests {
  private let facts = NetworkModel.example.facts!

  @Test("Settings of messages are noted, a launcher's own places are not")
  func settings() {
    let environment = [
      "OMPI_MCA_btl_tcp_links": "4", "OMPI_MCA_orte_hnp_uri": "1.0;tcp://", "OMPI_MCA_coll_tuned_priority": "30",
      "OMPI_MCA_mpi_oversubscribe": "0", "PATH": "/bin", "OMPI_MCA_btl": "self,tcp", "UCX_TLS": "tcp",
    ]
    #expect(
      NetworkFacts.settings(of: environment) == [
        "OMPI_MCA_btl=self,tcp", "OMPI_MCA_btl_tcp_links=4", "OMPI_MCA_coll_tuned_priority=30", "UCX_TLS=tcp",
      ])
  }

  @Test func whatDiffersIsNamed() {
    #expect(facts.difference(hosts: ["node1"], mpi: "Open MPI 4.1.4", settings: facts.settings) == nil)
    #expect(
      facts.difference(hosts: ["node1", "node9"])
        == "it was measured on node0, node1, node2, node3, not on node9")
    #expect(facts.difference(mpi: "MPICH 4.0.2") == "it was measured with Open MPI 4.1.4, not with MPICH 4.0.2")
    #expect(facts.difference(settings: []) == "it was measured with OMPI_MCA_btl_tcp_links=4")
    #expect(facts.difference(settings: facts.settings + ["UCX_TLS=tcp"]) == "it was measured without UCX_TLS=tcp")
  }

  @Test func anotherClusterIsRefused() throws {
    let model = NetworkModel.example
    try model.requireMeasured(in: "network.json", hosts: ["node0"])
    let error = #expect(throws: NetworkError.self) {
      try model.requireMeasured(in: "network.json", hosts: ["other"])
    }
    #expect(
      error?.description
        == "network.json is of another cluster: it was measured on node0, node1, node2, node3, not on other; measure this "
        + "one with lockstep network")
    try NetworkModel(dataSheet: 1e-5, bandwidthBytesPerSecond: 1e9).requireMeasured(in: "x", hosts: ["other"])
  }

  @Test func countsOfAJob() {
    #expect(facts.ranks == 8 && facts.nodes == 4 && facts.ranksPerNode == 2)
  }
}
