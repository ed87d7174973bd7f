import Testing
import Training

@Suite struct MachineFactsTests {
  @Test func variablesThatSteerAreKeptAndThoseOfLaunchersAreNot() {
    let environment = [
      "OMPI_MCA_btl": "self,tcp", "OMPI_MCA_orte_hnp_uri": "123.0;tcp://10.0.0.1:5", "OMP_NUM_THREADS": "2",
      "HOME": "/root",
      "OMPI_MCA_mpi_yield_when_idle": "1", "PMIX_RANK": "0", "DNNL_MAX_CPU_ISA": "AVX2", "SECRET": "x",
    ]
    #expect(
      MachineFacts.steering(environment) == [
        "DNNL_MAX_CPU_ISA=AVX2", "OMPI_MCA_btl=self,tcp", "OMPI_MCA_mpi_yield_when_idle=1", "OMP_NUM_THREADS=2",
      ])
    #expect(MachineFacts.steering(["HOME": "/root"]) == nil)
  }

  @Test func hostsTellWhereTheirRanksMayRun() {
    let ranks = [("node0", "0"), ("node1", "0-3"), ("node0", "1"), ("node1", "")].map {
      RankSurroundings(host: $0.0, processors: $0.1)
    }
    #expect(RankSurroundings.bindings(ranks) == ["node0: 0 | 1", "node1: 0-3 | not known"])
  }
}
