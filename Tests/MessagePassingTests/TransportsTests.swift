import MessagePassing
import Testing

@Suite("What carries messages")
struct TransportsTests {
  @Test("Open MPI's loaded components, without what all frameworks have")
  func openMPI() {
    let variables = [
      "btl", "btl_base_verbose", "btl_vader_priority", "btl_tcp_links", "btl_tcp_endpoint_cache",
      "btl_self_eager_limit",
      "pml", "pml_base_verbose", "pml_ob1_verbose", "pml_ob1_priority", "mpi_yield_when_idle",
    ]
    #expect(MessagePassingLibrary.components(of: variables) == "ob1 over self, tcp, vader")
    #expect(MessagePassingLibrary.components(of: variables.filter { !$0.hasPrefix("btl_") }) == "ob1")
    let other = variables.map { $0.replacing("pml_ob1", with: "pml_ucx") }
    #expect(MessagePassingLibrary.components(of: other) == "ucx", "which asks none of Open MPI's own transports")
  }

  @Test("MPICH's device, and nothing of a library that tells nothing")
  func others() {
    let version = "MPICH Version:      4.0.2\nMPICH Release date: Thu\nMPICH Device:       ch4:ofi\nMPICH CC: gcc"
    #expect(MessagePassingLibrary.device(of: version) == "ch4:ofi")
    #expect(MessagePassingLibrary.device(of: "Open MPI v4.1.4, package: Debian") == nil)
    #expect(MessagePassingLibrary.components(of: []) == nil)
    #expect(MessagePassingLibrary.components(of: ["MPIR_CVAR_CH4_NETMOD"]) == nil)
  }
}
