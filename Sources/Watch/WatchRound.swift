import Glibc

/// The work of the watchdog's thread.
final class WatchRound: @unchecked Sendable {
  /// Between two looks at oneself, at most.
  private static let longestTick = 1.0
  /// Beats in the time limit: so many must be lost before one is missed.
  private static let beatsInLimit = 20.0

  private let socket: DatagramSocket
  private let members: [Member]
  private let rank: Int
  private let job: UInt64
  private let end: JobEnd
  private var vigil: Vigil
  private var idleness = Idleness()
  private var sinceBeat = Double.infinity
  /// Where beats to the first rank go: all of its addresses, until one answers.
  private var firstRank: [Address]
  private var inquiry: Inquiry?
  /// Ranks that were ended here or elsewhere, so that the others go on.
  private var removed: Set<Int> = []
  private var sinceRemoval = Double.infinity

  /// What is asked for when a rank is missed: who else is.
  private struct Inquiry {
    var alarm: Alarm
    var limit: Double
    /// Since all were asked.
    var seconds = 0.0
  }

  init(_ socket: DatagramSocket, _ members: [Member], rank: Int, job: UInt64, _ end: JobEnd) {
    self.socket = socket
    self.members = members
    self.rank = rank
    self.job = job
    self.end = end
    vigil = Vigil(rank: rank, of: members.count)
    firstRank = []
    firstRank = addresses(of: 0)
  }

  func run(until over: Watchdog.Ending) {
    var last = Self.clock()
    // At once: who has never been heard of is never missed.
    beat(0, every: 0, TimeLimit.seconds)
    while !over.flag.load(ordering: .relaxed) {
      let limit = TimeLimit.seconds
      let tick = min(Self.longestTick, limit / Self.beatsInLimit)
      let deadline = last + tick
      while true {
        let left = deadline - Self.clock()
        guard left > 0, !over.flag.load(ordering: .relaxed) else { break }
        if let (bytes, from) = socket.receive(atMost: Message.size, within: left) { hear(bytes, from) }
      }
      let now = Self.clock()
      // A process that was stopped has not waited.
      pass(min(now - last, 2 * tick), limit)
      last = now
    }
    say(.farewell, to: rank == 0 ? Array(1..<members.count) : [0])
  }

  private func pass(_ seconds: Double, _ limit: Double) {
    vigil.pass(seconds)
    idleness.look(.now(), after: seconds)
    beat(seconds, every: min(5, limit / Self.beatsInLimit), limit)
    if inquiry != nil { return pursue(seconds) }
    sinceRemoval += seconds
    // MPI needs a moment to tell of it.
    guard sinceRemoval > limit else { return }
    let watched = rank == 0 ? 1..<members.count : 0..<1
    guard let alarm = vigil.alarm(watched: watched, own: idleness, limit: limit) else { return }
    inquiry = Inquiry(alarm: alarm, limit: limit)
    say(.question, to: others)
  }

  private func beat(_ seconds: Double, every interval: Double, _ limit: Double) {
    sinceBeat += seconds
    guard rank > 0, sinceBeat >= interval else { return }
    sinceBeat = 0
    // An address that does not answer any more may not be the only one.
    if !vigil.hasHeard(of: 0, within: limit / 2) { firstRank = addresses(of: 0) }
    for address in firstRank { send(.beat, to: address) }
  }

  /// Those that answer late after all end the alarm.
  private func pursue(_ seconds: Double) {
    inquiry!.seconds += seconds
    let inquiry = inquiry!
    guard inquiry.seconds >= secondsToAnswer else { return }
    var alarm = inquiry.alarm
    if case .silent(let ranks) = alarm {
      let silent = vigil.silentRanks(since: inquiry.seconds)
      guard !silent.isEmpty, ranks.contains(where: silent.contains) else {
        self.inquiry = nil
        return
      }
      alarm = .silent(silent)
    }
    if letGo(alarm, inquiry.limit) { return self.inquiry = nil }
    say(.end, to: others)
    var places = vigil.places
    places[rank] = Activity.place
    end.speak(alarm.words(after: inquiry.limit, members, places) + remarks(alarm))
  }

  /// Where the others can go on without those that are missed, these are ended: by ranks of the same host, or by themselves where they
  /// listen.
  ///
  /// - Returns: false where nobody could, or it was tried before.
  private func letGo(_ alarm: Alarm, _ limit: Double) -> Bool {
    let missed = alarm.missed
    guard Survival.isInForce, !missed.isEmpty, removed.isDisjoint(with: missed),
      missed.allSatisfy({ canEnd($0, alarm) })
    else { return false }
    end.note(alarm.removalWords(after: limit, members))
    for other in missed {
      let message = Message.Missed(rank: other, process: vigil.processes[other] ?? 0)
      remove(message)
      say(.removal, to: others, about: message)
    }
    removed.formUnion(missed)
    sinceRemoval = 0
    return true
  }

  private func canEnd(_ other: Int, _ alarm: Alarm) -> Bool {
    // Whoever does nothing has a watchdog that does.
    if case .idle = alarm { return true }
    // Of a process that was never heard of nobody knows the number.
    guard vigil.processes[other] != nil else { return false }
    let place = members[other].place
    return members.indices.contains { !alarm.missed.contains($0) && members[$0].place.isSame(place) }
  }

  private func remove(_ missed: Message.Missed) {
    if missed.rank == rank { kill(getpid(), SIGKILL) }
    guard members.indices.contains(missed.rank), isHere(missed.rank) else { return }
    LocalProcess(number: missed.process).end()
  }

  private func isHere(_ other: Int) -> Bool { members[other].place.isSame(members[rank].place) }

  /// What the system tells of those on this host.
  private func remarks(_ alarm: Alarm) -> String {
    let here = alarm.missed.filter { isHere($0) }
    let words = here.compactMap { LocalProcess(number: vigil.processes[$0] ?? 0).words(ofRank: $0) }
    return words.map { ". " + $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// Longer, the more ranks might speak first.
  private var secondsToAnswer: Double { 1.5 + min(0.5 * Double(rank), 10) }

  private func hear(_ bytes: ArraySlice<UInt8>, _ from: Address) {
    guard let message = Message(bytes: bytes), message.job == job else { return }
    vigil.hear(message)
    switch message.kind {
    case .beat, .question: send(.answer, to: from)
    case .answer: if message.rank == 0 { firstRank = [from] }
    case .end: end.waitForIt()
    case .removal:
      (inquiry, sinceRemoval) = (nil, 0)
      if let missed = message.missed { remove(missed) }
    case .farewell, .wake: break
    }
  }

  private var others: [Int] { members.indices.filter { $0 != rank } }

  private func say(_ kind: Message.Kind, to ranks: [Int], about missed: Message.Missed? = nil) {
    for rank in ranks { for address in addresses(of: rank) { send(kind, to: address, about: missed) } }
  }

  private func send(_ kind: Message.Kind, to address: Address, about missed: Message.Missed? = nil) {
    let message = Message(
      job: job, kind: kind, rank: rank, idleSeconds: idleness.seconds, isWaiting: idleness.isWaiting,
      place: Activity.place, process: Int(getpid()), missed: missed)
    socket.send(message.bytes, to: address)
  }

  private func addresses(of other: Int) -> [Address] {
    let member = members[other]
    guard member.port > 0 else { return [] }
    let hosts = isHere(other) ? [Address.loopback] : member.place.interfaces.map(\.address)
    return hosts.map { Address(host: $0, port: member.port) }
  }

  private static func clock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
