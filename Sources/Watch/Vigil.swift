/// What is known of other ranks, and when that is reason for alarm. Time is a number of seconds in which this process ran:
/// one that was stopped for an hour has not been waiting for an hour.
package struct Vigil {
  private struct Sight {
    var heardAt: Double
    var idleSeconds = 0.0
    var isWaiting = false
  }

  /// Where each rank was when it was last heard of, also of those that are gone.
  package private(set) var places: [Int: CallPlace] = [:]
  /// Of those that were ever heard of.
  private(set) var processes: [Int: Int] = [:]

  /// Ranks of the job.
  package let ranks: Int
  /// This process's.
  package let rank: Int
  private var now = 0.0
  /// Those heard of at least once and not yet gone: where datagrams do not pass, there is nothing to be missed.
  private var sights: [Int: Sight] = [:]

  package init(rank: Int, of ranks: Int) {
    self.rank = rank
    self.ranks = ranks
  }

  package mutating func pass(_ seconds: Double) { now += seconds }

  package mutating func hear(_ message: Message) {
    guard message.rank != rank, (0..<ranks).contains(message.rank) else { return }
    if let place = message.place { places[message.rank] = place }
    processes[message.rank] = message.process
    if message.kind == .farewell {
      sights[message.rank] = nil
    } else {
      sights[message.rank] = Sight(heardAt: now, idleSeconds: message.idleSeconds, isWaiting: message.isWaiting)
    }
  }

  /// Whether this rank's beats have ever been answered, and lately.
  func hasHeard(of other: Int, within seconds: Double) -> Bool {
    sights[other].map { now - $0.heardAt <= seconds } ?? false
  }

  /// Those that were asked a while ago, and have not been heard since. The first rank, which alone hears of all, leaves out who
  /// was never heard of or has left.
  package func silentRanks(since seconds: Double) -> [Int] {
    (0..<ranks).filter { $0 != rank && (rank > 0 || sights[$0] != nil) && !hasHeard(of: $0, within: seconds) }
  }

  /// - Parameters:
  ///   - watched: ranks that send beats to this one, or answer its own.
  ///   - own: of this process.
  package func alarm(watched: Range<Int>, own: Idleness, limit: Double) -> Alarm? {
    // As long as this rank gets on, nobody is missed: datagrams may be lost where MPI's messages are not.
    if own.seconds > limit / 2 {
      let silent = watched.filter { sights[$0] != nil && !hasHeard(of: $0, within: limit) }
      if !silent.isEmpty { return .silent(silent) }
    }
    // The first rank alone hears of all.
    return rank == 0 ? standstill(own, limit) : nil
  }

  /// As long as anybody works, others may wait: a study's trials on fewer ranks, data that one rank opens.
  private func standstill(_ own: Idleness, _ limit: Double) -> Alarm? {
    guard own.seconds > limit, sights.count == ranks - 1, sights.allSatisfy({ $0.value.idleSeconds > limit }) else {
      return nil
    }
    let idle = (0..<ranks).filter { !($0 == rank ? own.isWaiting : sights[$0]!.isWaiting) }
    return idle.isEmpty ? .stuck : .idle(idle)
  }
}
