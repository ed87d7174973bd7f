import Watch

/// All ranks' cards, as the first one hands them out: each host once.
package struct Roll: Equatable, Sendable {
  /// A number that no other job has.
  package var job: UInt64
  /// In rank order.
  package var cards: [RankCard]

  package init(job: UInt64, cards: [RankCard]) {
    self.job = job
    self.cards = cards
  }

  /// A line for the job, one for each kind of rank, and one for each rank.
  package var text: String {
    var kinds: [String: Int] = [:]
    var lines = ["\(job)"]
    var ranks: [String] = []
    for card in cards {
      var kind = card
      kind.member.port = 0
      let text = kind.text
      if kinds[text] == nil {
        kinds[text] = kinds.count
        lines.append(text)
      }
      ranks.append("\(kinds[text]!) \(card.member.port)")
    }
    return (lines + ["ranks"] + ranks).joined(separator: "\n")
  }

  /// Nil for what no rank wrote.
  package init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let job = lines.first.flatMap({ UInt64($0) }), let middle = lines.firstIndex(of: "ranks") else { return nil }
    let kinds = lines[1..<middle].map { RankCard(text: $0) }
    var cards: [RankCard] = []
    for line in lines[(middle + 1)...] {
      let parts = line.split(separator: " ")
      guard parts.count == 2, let kind = Int(parts[0]), kinds.indices.contains(kind), let port = UInt16(parts[1]),
        var card = kinds[kind]
      else { return nil }
      card.member.port = port
      cards.append(card)
    }
    self.init(job: job, cards: cards)
  }

  /// The first rank that runs another program than rank 0, in words.
  package var strangerWords: (rank: Int, words: String)? {
    guard let first = cards.first, let rank = cards.firstIndex(where: { $0.executable != first.executable }) else {
      return nil
    }
    let other = cards[rank]
    return (
      rank,
      "rank \(rank) on \(other.member.place.name) runs another program than rank 0 on \(first.member.place.name) (hash "
        + "\(other.executable) against \(first.executable)): start the same build of the same version on every host"
    )
  }
}
