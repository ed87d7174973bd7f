import Buffers
import Glibc
import Watch

/// The ranks' first contact, each wait of it bounded: MPI opens connections when they are first used, and one that leads
/// nowhere hangs. Every rank tells the first one who it is and gets the roll of all; then one rank of each pair of hosts tries
/// the other.
struct RollCall {
  /// For each of the steps.
  static let seconds = min(60, TimeLimit.seconds)
  /// Used by nothing else, so that nothing else is taken for it.
  private static let tag = 32_000

  private let world: Communicator
  private let card: RankCard

  init(_ world: Communicator, port: UInt16) {
    self.world = world
    card = RankCard(member: Member(place: .current, port: port), executable: Executable.fingerprint())
  }

  /// Collective.
  /// - Throws: `CollectiveError` where ranks run different programs, `MPIError`. Ends the job where ranks do not reach each
  ///   other.
  func hold() throws -> Roll {
    let roll = world.rank == 0 ? try callOthers() : try answer()
    if let stranger = roll.strangerWords {
      throw CollectiveError(
        rank: stranger.rank, message: stranger.words, failures: world.size, ranks: world.size, observer: world.rank)
    }
    try tryPairs(roll)
    return roll
  }

  // The first rank and each other.

  private func callOthers() throws -> Roll {
    let requests = BoundedRequests(world, tag: Self.tag)
    let others = Array(1..<world.size)
    let slots = try others.map { try requests.receive(atMost: RankCard.size, from: $0) }
    let missing = try requests.wait(seconds: Self.seconds)
    let cards = try others.map { rank in
      missing.contains(rank) ? nil : RankCard(text: try Self.text(in: slots[rank - 1], RankCard.size))
    }
    guard missing.isEmpty, !cards.contains(where: { $0 == nil }) else {
      NoContact(world, card).endJob(missing: missing.isEmpty ? others.filter { cards[$0 - 1] == nil } : missing)
    }
    let roll = Roll(job: .random(in: 1 ... .max), cards: [card] + cards.compactMap { $0 })
    let bytes = Array(roll.text.utf8)
    let answers = BoundedRequests(world, tag: Self.tag)
    for rank in others {
      try answers.send(Self.slot("\(bytes.count)", Self.headSize), to: rank)
      try answers.send(bytes, to: rank)
    }
    let unanswered = try answers.wait(seconds: Self.seconds)
    if !unanswered.isEmpty { NoContact(world, card).endJob(missing: unanswered) }
    return roll
  }

  private static let headSize = 32

  private func answer() throws -> Roll {
    let requests = BoundedRequests(world, tag: Self.tag)
    try requests.send(Self.slot(card.text, RankCard.size), to: 0)
    let head = try requests.receive(atMost: Self.headSize, from: 0)
    // The first rank gives the others its whole time, and then as much again to get its answer away.
    let patience = 2 * Self.seconds + 10
    if try !requests.wait(seconds: Self.seconds).isEmpty {
      NoContact(world, card).publish()
      if try !requests.wait(seconds: patience).isEmpty { NoContact(world, card).wait() }
    }
    let count = Int(try Self.text(in: head, Self.headSize)) ?? 0
    let body = try requests.receive(atMost: count, from: 0)
    guard try requests.wait(seconds: patience).isEmpty, let roll = Roll(text: try Self.text(in: body, count)) else {
      NoContact(world, card).wait()
    }
    return roll
  }

  // Pairs of hosts.

  private func tryPairs(_ roll: Roll) throws {
    let places = roll.cards.map(\.member.place)
    let kinds = places.map { place in places.firstIndex { $0.name == place.name && $0.network == place.network }! }
    let plan = PairPlan(hosts: kinds)
    guard plan.partners.contains(where: { !$0.isEmpty }) else { return }
    let requests = BoundedRequests(world, tag: Self.tag)
    for partner in plan.partners[world.rank] {
      try requests.send([1], to: partner)
      _ = try requests.receive(atMost: 1, from: partner)
    }
    let missing = try requests.wait(seconds: Self.seconds).first
    let report = BoundedRequests(world, tag: Self.tag)
    try world.rank == 0 ? collect(plan, roll, report) : tell(missing, report)
  }

  private func collect(_ plan: PairPlan, _ roll: Roll, _ requests: BoundedRequests) throws {
    let tellers = (1..<world.size).filter { !plan.partners[$0].isEmpty }
    let slots = try tellers.map { try requests.receive(atMost: Self.headSize, from: $0) }
    let silent = try requests.wait(seconds: 2 * Self.seconds)
    if !silent.isEmpty { NoContact(world, card).endJob(missing: silent) }
    for (rank, slot) in zip(tellers, slots) {
      guard let partner = Int(try Self.text(in: slot, Self.headSize)) else { continue }
      NoContact(world, card).endJob(
        between: (rank, roll.cards[rank].member.place), and: (partner, roll.cards[partner].member.place))
    }
  }

  private func tell(_ missing: Int?, _ requests: BoundedRequests) throws {
    try requests.send(Self.slot(missing.map { "\($0)" } ?? "none", Self.headSize), to: 0)
    guard try requests.wait(seconds: Self.seconds).isEmpty, missing == nil else { NoContact(world, card).wait() }
  }

  // Texts of a fixed length.

  private static func slot(_ text: String, _ size: Int) -> [UInt8] {
    Array((Array(text.utf8) + [UInt8](repeating: 0, count: size)).prefix(size))
  }

  private static func text(in memory: AlignedMemory, _ size: Int) throws -> String {
    let bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: size)
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
