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
    #expect(facts.difference(hosts: ["node1"]) == nil && facts.difference(hosts: []) == nil)
    #expect(
      facts.difference(hosts: ["node1", "node9"])
        == "it was measured on node0, node1, node2, node3, not on node9")
  }

  @Test func countsOfAJob() {
    #expect(facts.ranks == 8 && facts.nodes == 4)
  }
}
