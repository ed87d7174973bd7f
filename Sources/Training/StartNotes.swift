import MessagePassing

/// What slows a job down from the start, though it would run: found in the ranks' circumstances, each said once with a remedy.
package struct StartNotes {
  /// In rank order.
  private let ranks: [RankSurroundings]

  package init(_ ranks: [RankSurroundings]) { self.ranks = ranks }

  /// For the user.
  package var notes: [String] { [pinning ?? overlap, transport, copying].compactMap { $0 } }

  /// More ranks than processors have a warning of their own: see `ThreadPlan`.
  private var pinning: String? {
    for host in hosts {
      let places = here(host).map { ThreadPlan.processors(in: $0.processors) }
      guard let first = places.first, places.count > 1, first.count >= places.count else { continue }
      if places.allSatisfy({ $0 == first }) {
        return
          "the \(places.count) ranks on \(host) may each run on all of the same \(first.count) processors, and will push each "
          + "other from one to the next: pin them (launch/local, mpirun's --map-by slot:PE=N --bind-to core, Slurm's "
          + "--cpus-per-task)"
      }
    }
    return nil
  }

  /// Ranks that share some processors though there are enough for all: who shares waits for the other, and all wait for both.
  private var overlap: String? {
    for host in hosts {
      let own = ranks.indices.filter { ranks[$0].host == host }
      let places = own.map { Set(ThreadPlan.processors(in: ranks[$0].processors)) }
      guard places.reduce(into: Set(), { $0.formUnion($1) }).count >= own.count else { continue }
      for place in places {
        let sharers = places.indices.filter { !places[$0].isDisjoint(with: place) }
        let shared = sharers.reduce(place) { $0.intersection(places[$1]) }
        let isApart = sharers.allSatisfy { places[$0] == place } && sharers.count <= max(1, place.count)
        guard sharers.count > 1, !isApart else { continue }
        return Self.overlap(sharers.map { own[$0] }, host, shared.isEmpty ? place : shared)
      }
    }
    return nil
  }

  private static func overlap(_ ranks: [Int], _ host: String, _ processors: Set<Int>) -> String {
    let names = ranks.map(String.init).joined(separator: ", ")
    let places = processors.sorted().map(String.init).joined(separator: ", ")
    return
      "ranks \(names) on \(host) overlap on processors \(places), and all ranks wait for those that share: give each its own "
      + "(launch/local, mpirun's --map-by slot:PE=N --bind-to core, Slurm's --cpus-per-task)"
  }

  private var transport: String? {
    guard let crowded, let rank = ranks.first(where: { $0.host == crowded }), rank.excludesSharedMemory else {
      return nil
    }
    return
      "OMPI_MCA_btl=\(rank.transports) leaves shared memory out, and the ranks on \(crowded) talk over TCP: add vader (Open MPI "
      + "4) or sm (Open MPI 5), or leave the setting out"
  }

  private var copying: String? {
    guard let rank = ranks.first(where: { !$0.refusal.isEmpty }) else { return nil }
    return
      "ranks on \(rank.host) may not read each other's memory (process_vm_readv: \(rank.refusal)), so MPI copies large messages "
      + "twice: allow it (docker run --cap-add=SYS_PTRACE; sysctl kernel.yama.ptrace_scope=0)"
  }

  private var hosts: [String] {
    var seen = Set<String>()
    return ranks.map(\.host).filter { seen.insert($0).inserted }
  }

  private func here(_ host: String) -> [RankSurroundings] { ranks.filter { $0.host == host } }

  /// A host with several ranks.
  private var crowded: String? { hosts.first { here($0).count > 1 } }
}

extension RankSurroundings {
  /// Open MPI's own transports are asked only by its own layers; one that is set to `ucx` or `cm` brings others. A list names
  /// what is used, or after `^` what is not.
  var excludesSharedMemory: Bool {
    guard !transports.isEmpty, messageLayer.isEmpty || messageLayer == "ob1" else { return false }
    let isExclusion = transports.hasPrefix("^")
    let names = transports.drop { $0 == "^" }.split(separator: ",")
    let sharing: [Substring] = ["vader", "sm"]
    return isExclusion ? sharing.contains(where: names.contains) : !sharing.contains(where: names.contains)
  }
}
