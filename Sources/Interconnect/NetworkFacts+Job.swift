import Foundation
import MessagePassing

extension NetworkFacts {
  /// The job that this process is a rank of, and the node of each rank, as its place in `hosts`. Collective; throws
  /// `MPIError`.
  public static func read(
    _ world: Communicator, processor: String, command: String
  ) throws -> (facts: NetworkFacts, nodes: [Int]) {
    let names = try world.allGather(ProcessInfo.processInfo.hostName)
    var hosts: [Host] = []
    let nodes = names.map { name in
      if let node = hosts.firstIndex(where: { $0.name == name }) {
        hosts[node].ranks += 1
        return node
      }
      hosts.append(Host(name: name, ranks: 1))
      return hosts.count - 1
    }
    let facts = NetworkFacts(
      hosts: hosts, mpi: MessagePassingLibrary.version, settings: settings(of: ProcessInfo.processInfo.environment),
      processor: processor, measuredAt: Date().formatted(.iso8601), command: command)
    return (facts, nodes)
  }

  /// Of an environment: what decides how messages travel, not where a launcher put its files.
  package static func settings(of environment: [String: String]) -> [String] {
    let prefixes = ["btl", "coll", "mpi", "mtl", "pml"].map { "OMPI_MCA_\($0)" } + ["MPIR_CVAR_", "UCX_", "FI_"]
    let own = ["OMPI_MCA_mpi_oversubscribe"]
    return environment.filter { name, _ in prefixes.contains { name.hasPrefix($0) } && !own.contains(name) }
      .map { "\($0)=\($1)" }.sorted()
  }
}
