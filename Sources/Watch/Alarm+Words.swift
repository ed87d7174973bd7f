extension Alarm {
  /// One sentence with the remedy.
  ///
  /// - Parameters:
  ///   - seconds: the limit that was passed.
  ///   - places: where ranks were, as far as that is known.
  package func words(after seconds: Double, _ members: [Member], _ places: [Int: CallPlace] = [:]) -> String {
    cause(after: seconds, members) + standing(places)
  }

  /// Of ranks that the others go on without.
  package func removalWords(after seconds: Double, _ members: [Member]) -> String {
    let plural = missed.count > 1
    return "\(Self.names(missed, members)) \(plural ? "have" : "has") not got on for \(Int(seconds.rounded())) s: "
      + "\(plural ? "they are" : "it is") ended, and the others go on without"
  }

  /// Where those were that are missed, and the others beside them.
  private func standing(_ places: [Int: CallPlace]) -> String {
    guard places.count > 1 else { return "" }
    let groups = Dictionary(grouping: places.keys) { places[$0]!.words }.mapValues { $0.sorted() }
    let lines = groups.sorted { ($0.value.count, $0.value[0]) < ($1.value.count, $1.value[0]) }
    let most = 6
    let named = lines.prefix(most).map { "\(Self.numbers($0.value)) in \($0.key)" }
    let rest = lines.count > most ? ["others elsewhere"] : []
    return ". Last seen: " + (named + rest).joined(separator: "; ") + Self.mismatch(places)
  }

  /// All make the same collective calls in the same order, unless a program or its settings differ; those at another update may be
  /// without work, and count by themselves.
  private static func mismatch(_ places: [Int: CallPlace]) -> String {
    let calls = Dictionary(grouping: places.values.filter(\.isCollective)) { [$0.update, $0.call] }.values
    let differ = calls.contains { same in same.contains { $0.operation != same[0].operation } }
    return differ ? ": these are not the calls of one program that goes the same way on all ranks" : ""
  }

  private func cause(after seconds: Double, _ members: [Member]) -> String {
    let limit = "\(Int(seconds.rounded())) s"
    switch self {
    case .silent(let ranks):
      return
        "\(Self.names(ranks, members)) \(ranks.count == 1 ? "has" : "have") not answered for \(limit), and the job cannot go on "
        + "without: the process is stopped, or its host is down or cut off from the network; if it is only slow (swapping, "
        + Self.remedy
    case .idle(let ranks):
      return
        "\(Self.names(ranks, members)) \(ranks.count == 1 ? "has" : "have") done nothing for \(limit), neither computed nor read "
        + "nor written, and the other ranks wait: the process hangs; if what it waits for is only slow (a file system, "
        + Self.remedy
    case .stuck:
      return
        "all \(members.count) ranks have waited for each other's messages for \(limit), though their hosts answer: MPI's "
        + "connections are cut or blocked; name the network that all hosts share (LOCKSTEP_SUBNET with launch/hosts), or if "
        + "it is only slow (a congested network, " + Self.remedy
    }
  }

  private static let remedy = "a debugger), allow more seconds with execution.timeout or LOCKSTEP_TIMEOUT"

  /// For instance `rank 1 on node1`, or `ranks 2 to 3 on node1, rank 4 on node2`; of many hosts the first few.
  static func names(_ ranks: [Int], _ members: [Member]) -> String {
    var hosts: [(name: String, ranks: [Int])] = []
    for rank in ranks.sorted() {
      let name = members[rank].place.name
      if let place = hosts.firstIndex(where: { $0.name == name }) {
        hosts[place].ranks.append(rank)
      } else {
        hosts.append((name, [rank]))
      }
    }
    let most = 8
    let named = hosts.prefix(most).map { "\(numbers($0.ranks)) on \($0.name)" }
    let rest = hosts.count > most ? ["those of \(hosts.count - most) more hosts"] : []
    return (named + rest).joined(separator: ", ")
  }

  /// `rank 1`, `ranks 1, 3 and 5`, or `ranks 1 to 3`.
  static func numbers(_ ranks: [Int]) -> String {
    guard let first = ranks.first, let last = ranks.last, ranks.count > 1 else { return "rank \(ranks.first ?? 0)" }
    if ranks.count > 2, last - first == ranks.count - 1 { return "ranks \(first) to \(last)" }
    return "ranks \(ranks.dropLast().map(String.init).joined(separator: ", ")) and \(last)"
  }
}
