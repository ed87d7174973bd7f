import Glibc
import Statistics

/// Tells how each collective is done, from lines of all groups of ranks: by how well a group's line, taken to other numbers
/// of ranks under a schedule, meets what was measured there; and where one number alone was measured, by how well the level's
/// own wire explains the line. Where a setting of MPI names the schedule there is nothing to tell.
struct ScheduleChoice {
  private let series: [TimeSeries]
  private let lines: [PiecewiseFit]
  private let facts: NetworkFacts

  /// Schedules whose misses, as logarithms, are no further apart cannot be told from each other.
  private static let alike = 0.05

  init(_ series: [TimeSeries], _ lines: [PiecewiseFit], _ facts: NetworkFacts) {
    self.facts = facts
    self.series = series
    self.lines = lines
  }

  /// A group's fit.
  ///
  /// - Parameter reduction: what adding alone takes; nil for too few sizes of it.
  func fit(_ index: Int, reduction: PiecewiseFit?, heldOutError: Double?) -> CollectiveFit {
    let (own, line) = (series[index], lines[index])
    let schedules = line.pieces.indices.map { ranked(index, piece: $0) }
    let regimes = line.pieces.indices.map { piece in
      CostRegime(line.pieces[piece], own, times(index, piece).map(\.bytes), schedules[piece], reduction)
    }
    let misses = own.times.map { abs(line(Double($0.bytes)) / $0.seconds - 1) }
    return CollectiveFit(
      own.collective, ranks: own.ranks, nodes: own.nodes, regimes: regimes,
      bytes: own.times[0].bytes...own.times[own.times.count - 1].bytes, error: misses.median ?? 0,
      heldOutError: heldOutError, errorPerDoubling: growth(index, schedules.map { $0[0] }))
  }

  /// The schedules that explain a piece, the likeliest first: of those that explain it alike, whichever is known to be
  /// made for such sizes.
  private func ranked(_ index: Int, piece: Int) -> [Schedule] {
    if let named = facts.schedule(of: series[index].collective) { return [named] }
    let isForSmall = piece == 0 && lines[index].pieces.count > 1
    let preference: [Schedule] =
      isForSmall ? [.doubling, .tree, .halving, .ring] : [.halving, .ring, .doubling, .tree]
    let possible = Schedule.all(of: series[index].collective)
    let scored = preference.filter(possible.contains).map { ($0, miss(index, piece, $0)) }
    let least = scored.map(\.1).min() ?? 0
    return scored.filter { $0.1 <= least + Self.alike }.map(\.0)
  }

  /// The measurements of a piece.
  private func times(_ index: Int, _ piece: Int) -> [CollectiveTime] {
    series[index].times.filter { lines[index].place(of: Double($0.bytes)) == piece }
  }

  /// Median distance, as a logarithm, of what the piece says by the schedule from what is known otherwise.
  private func miss(_ index: Int, _ piece: Int, _ schedule: Schedule) -> Double {
    let elsewhere = others(of: index).flatMap { other in
      series[other].times.filter { lines[index].place(of: Double($0.bytes)) == piece }.compactMap { time in
        told(index, piece, schedule, bytes: time.bytes, ranks: series[other].ranks).map { abs(log($0 / time.seconds)) }
      }
    }
    return elsewhere.median ?? wireMiss(index, piece, schedule)
  }

  /// What a piece of a group's line says about another number of ranks.
  private func told(_ index: Int, _ piece: Int, _ schedule: Schedule, bytes: Int, ranks: Int) -> Double? {
    let (own, line) = (series[index], lines[index].pieces[piece])
    guard let there = schedule.costs(of: own.collective, ranks: own.ranks),
      let here = schedule.costs(of: own.collective, ranks: ranks)
    else { return nil }
    return line.intercept * here.rounds / there.rounds + line.slope * Double(bytes) * here.moved / there.moved
  }

  /// By the wire that an all-gather, which only moves bytes, sees between the same ranks.
  private func wireMiss(_ index: Int, _ piece: Int, _ schedule: Schedule) -> Double {
    let own = series[index]
    guard own.collective != .allGather,
      let wire = series.firstIndex(where: {
        $0.collective == .allGather && $0.ranks == own.ranks && $0.nodes == own.nodes
      }),
      let reference = Schedule.doubling.costs(of: .allGather, ranks: own.ranks),
      let costs = schedule.costs(of: own.collective, ranks: own.ranks)
    else { return 0 }
    let misses = times(index, piece).map { time -> Double in
      let moved = Double(time.bytes) * costs.moved / reference.moved
      let line = lines[wire].piece(at: moved)
      let seconds = line.intercept * costs.rounds / reference.rounds + line.slope * moved
      return abs(log(seconds / time.seconds))
    }
    return misses.median ?? 0
  }

  /// What a doubling of the ranks adds to the error.
  private func growth(_ index: Int, _ schedules: [Schedule]) -> Double {
    let own = series[index]
    let misses = others(of: index).flatMap { other in
      series[other].times.compactMap { time -> Double? in
        let piece = lines[index].place(of: Double(time.bytes))
        let doublings = abs(log2(Double(series[other].ranks) / Double(own.ranks)))
        return told(index, piece, schedules[piece], bytes: time.bytes, ranks: series[other].ranks)
          .map { abs(log($0 / time.seconds)) / doublings }
      }
    }
    return misses.median ?? CollectiveFit.unseenGrowth
  }

  /// Other numbers of ranks on the same level; levels that are put together tell nothing of each other.
  private func others(of index: Int) -> [Int] {
    let own = series[index]
    guard own.level != .both else { return [] }
    return series.indices.filter {
      series[$0].collective == own.collective && series[$0].level == own.level && series[$0].ranks != own.ranks
    }
  }
}

extension CostRegime {
  /// - Parameters:
  ///   - schedules: the likeliest first.
  ///   - sizes: that the piece was fitted to.
  fileprivate init(
    _ piece: PiecewiseFit.Piece, _ series: TimeSeries, _ sizes: [Int], _ schedules: [Schedule],
    _ reduction: PiecewiseFit?
  ) {
    let costs = schedules[0].costs(of: series.collective, ranks: series.ranks)!
    // What more bytes add there, not what a call costs by itself.
    let known = reduction?.piece(at: Double(sizes[sizes.count / 2])).slope ?? 0
    // It is part of what a byte took, and no more.
    let reduced = costs.reduced > 0 ? min(known, piece.slope / costs.reduced) : 0
    self.init(
      fromBytes: Int(piece.from.rounded(.up)), latencySeconds: piece.intercept / costs.rounds,
      secondsPerByte: max(0, piece.slope - reduced * costs.reduced) / costs.moved, reductionSecondsPerByte: reduced,
      schedules: schedules)
  }
}
