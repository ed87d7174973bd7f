import Glibc

/// How a collective can be done in rounds of messages: the algorithms of Thakur, Rabenseifner and Gropp 2005, "Optimization
/// of collective communication operations in MPICH" (sections 4 to 6), and the reduction to one rank that Open MPI's
/// non-blocking calls make.
///
/// A round is one latency; bytes moved and reduced are those of the rank that moves most, as factors of the buffer's.
public enum Schedule: String, Encodable, CaseIterable, Sendable {
  /// Up a binomial tree to one rank, and down again.
  case tree
  /// Pairs of ranks at distances 1, 2, 4 … exchange all they have (recursive doubling; Bruck's algorithm for all-to-all).
  case doubling
  /// Pairs exchange halves, quarters … and collect them again (recursive halving; Rabenseifner's all-reduce).
  case halving
  /// Blocks go around in a ring, or pairwise to every rank in turn.
  case ring

  /// What a collective costs under a schedule.
  package struct Costs: Equatable {
    /// Messages that follow each other.
    package var rounds: Double
    /// Of the buffer's bytes.
    package var moved: Double
    /// Of the buffer's bytes.
    package var reduced: Double

    package init(rounds: Double, moved: Double, reduced: Double) {
      self.rounds = rounds
      self.moved = moved
      self.reduced = reduced
    }
  }

  /// - Returns: nil where nobody does the collective in this way.
  /// - Precondition: `ranks` is at least 1; one rank costs nothing.
  package func costs(of collective: Collective, ranks: Int) -> Costs? {
    let count = Double(ranks)
    let (share, levels) = ((count - 1) / count, log2(count).rounded(.up))
    let pairs = Pairs(ranks: ranks)
    switch (collective, self) {
    case (.allReduce, .tree): return Costs(rounds: 2 * levels, moved: 2 * levels, reduced: levels)
    case (.allReduce, .doubling):
      return Costs(
        rounds: pairs.levels + 2 * pairs.rest, moved: pairs.levels + 2 * pairs.rest, reduced: pairs.levels + pairs.rest)
    case (.allReduce, .halving):
      return Costs(
        rounds: 2 * (pairs.levels + pairs.rest), moved: 2 * (pairs.share + pairs.rest),
        reduced: pairs.share + pairs.rest)
    case (.allReduce, .ring): return Costs(rounds: 2 * (count - 1), moved: 2 * share, reduced: share)
    case (.reduceScatter, .tree): return Costs(rounds: 2 * levels, moved: levels + share, reduced: levels)
    case (.reduceScatter, .halving):
      return Costs(
        rounds: pairs.levels + 2 * pairs.rest, moved: pairs.share + pairs.rest, reduced: pairs.share + pairs.rest)
    case (.reduceScatter, .ring): return Costs(rounds: count - 1, moved: share, reduced: share)
    case (.allGather, .doubling): return Costs(rounds: levels, moved: share, reduced: 0)
    case (.allToAll, .doubling): return Costs(rounds: levels, moved: levels / 2, reduced: 0)
    case (.allGather, .ring), (.allToAll, .ring): return Costs(rounds: count - 1, moved: share, reduced: 0)
    default: return nil
    }
  }

  /// Those that a collective can be done by.
  package static func all(of collective: Collective) -> [Schedule] {
    allCases.filter { $0.costs(of: collective, ranks: 2) != nil }
  }

  /// Ranks beyond a power of two first give theirs to a partner, and get the result back at the end.
  private struct Pairs {
    let levels: Double
    /// 1 where there are such ranks.
    let rest: Double
    let share: Double

    init(ranks: Int) {
      let power = 1 << (Int.bitWidth - 1 - ranks.leadingZeroBitCount)
      levels = Double(power.trailingZeroBitCount)
      rest = power == ranks ? 0 : 1
      share = Double(power - 1) / Double(power)
    }
  }
}
