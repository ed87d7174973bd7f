import Glibc

extension NetworkModel {
  /// What a call takes.
  ///
  /// Measured groups of ranks answer for themselves. On one level another number of ranks is told from the nearest that were
  /// measured below and above, each by its schedules. Of several ranks on several nodes the levels follow each other: ranks
  /// of a node first, then nodes.
  ///
  /// - Parameters:
  ///   - bytes: of one rank's whole buffer.
  ///   - ranks: at least 1; spread evenly over the nodes.
  ///   - nodes: from 1 to `ranks`.
  /// - Throws: `NetworkError` where no call of this kind was measured at a level that it needs.
  public func seconds(of collective: Collective, bytes: Int, ranks: Int, nodes: Int) throws -> NetworkEstimate {
    precondition(bytes >= 0 && ranks >= 1 && (1...ranks).contains(nodes), "\(bytes) B, \(ranks) ranks, \(nodes) nodes")
    guard ranks > 1 else { return .zero }
    if let fit = fit(of: collective, ranks: ranks, nodes: nodes) { return own(fit, bytes) }
    let level = NetworkLevel(ranks: ranks, nodes: nodes)
    guard level == .both else { return try onLevel(level, collective, bytes, ranks) }
    return try levels(collective, bytes, ranks, nodes).times(composition(collective, bytes, ranks))
  }

  /// Ranks of a node first, then nodes.
  private func levels(_ collective: Collective, _ bytes: Int, _ ranks: Int, _ nodes: Int) throws -> NetworkEstimate {
    let ranksPerNode = (ranks + nodes - 1) / nodes
    let linkBytes = bytes.multipliedReportingOverflow(by: collective.shareOfLink(ranksPerNode: ranksPerNode))
    precondition(!linkBytes.overflow, "\(bytes) B of each of \(ranksPerNode) ranks")
    var estimate =
      try seconds(of: collective, bytes: bytes, ranks: ranksPerNode, nodes: 1)
      + seconds(of: collective, bytes: linkBytes.partialValue, ranks: nodes, nodes: nodes)
    if estimate.basis != .dataSheet { estimate.basis = .extrapolated }
    return estimate
  }

  /// What was measured over both levels, as a factor of what they say one after the other: MPI may know nothing of nodes, or
  /// do better. Of the group nearest in ranks; 1 where none was measured.
  private func composition(_ collective: Collective, _ bytes: Int, _ ranks: Int) throws -> Double {
    func distance(_ fit: CollectiveFit) -> Double { abs(log(Double(fit.ranks) / Double(ranks))) }
    let measured = fits.filter { $0.collective == collective && $0.level == .both }
    guard let near = measured.min(by: { distance($0) < distance($1) }) else { return 1 }
    let told = try levels(collective, bytes, near.ranks, near.nodes).seconds
    return told > 0 ? near.seconds(bytes: bytes) / told : 1
  }

  /// Of a group that was measured.
  package func fit(of collective: Collective, ranks: Int, nodes: Int) -> CollectiveFit? {
    fits.first { $0.collective == collective && $0.ranks == ranks && $0.nodes == nodes }
  }

  /// As it was timed, or as its fit has it.
  private func own(_ fit: CollectiveFit, _ bytes: Int) -> NetworkEstimate {
    let time = times.first {
      $0.collective == fit.collective && $0.ranks == fit.ranks && $0.nodes == fit.nodes && $0.bytes == bytes
    }
    if let time { return NetworkEstimate(seconds: time.seconds, low: time.low, high: time.high, basis: .measured) }
    let seconds = fit.seconds(bytes: bytes)
    return Spread(fit, bytes: bytes, ranks: fit.ranks).around(
      seconds, [], basis: fit.holds(bytes) ? .interpolated : .extrapolated)
  }

  private func onLevel(_ level: NetworkLevel, _ collective: Collective, _ bytes: Int, _ ranks: Int) throws
    -> NetworkEstimate
  {
    if let dataSheet {
      let seconds = dataSheet.seconds(of: collective, bytes: bytes, ranks: ranks, level: level)
      return NetworkEstimate(seconds: seconds, low: seconds, high: seconds * DataSheet.most, basis: .dataSheet)
    }
    let measured = fits.filter { $0.collective == collective && $0.level == level }.sorted { $0.ranks < $1.ranks }
    let (below, above) = (measured.last { $0.ranks < ranks }, measured.first { $0.ranks > ranks })
    guard let near = below ?? above else { throw nothingMeasured(collective, level) }
    guard let below, let above else { return scaled(near, bytes, ranks) }
    let place = log(Double(ranks) / Double(below.ranks)) / log(Double(above.ranks) / Double(below.ranks))
    return scaled(below, bytes, ranks).towards(scaled(above, bytes, ranks), place)
  }

  /// To another number of ranks.
  private func scaled(_ fit: CollectiveFit, _ bytes: Int, _ ranks: Int) -> NetworkEstimate {
    let candidates = fit.regime(of: bytes).candidates(
      of: fit.collective, bytes: Double(bytes), ranks: ranks, measured: fit.ranks)
    return Spread(fit, bytes: bytes, ranks: ranks).around(candidates[0], candidates, basis: .extrapolated)
  }

  private func nothingMeasured(_ collective: Collective, _ level: NetworkLevel) -> NetworkError {
    let place = level == .withinNode ? "several ranks on one host" : "several hosts"
    return NetworkError(
      "the network model has no \(collective.title) of \(place): measure it there with lockstep network")
  }
}

extension CollectiveFit {
  /// Whether a size lies between measured ones.
  fileprivate func holds(_ bytes: Int) -> Bool { (leastBytes...mostBytes).contains(bytes) }
}

extension NetworkEstimate {
  /// Between two, on a logarithm.
  fileprivate func towards(_ other: NetworkEstimate, _ place: Double) -> NetworkEstimate {
    func between(_ first: Double, _ second: Double) -> Double {
      guard first > 0, second > 0 else { return first + (second - first) * place }
      return exp(log(first) * (1 - place) + log(second) * place)
    }
    return NetworkEstimate(
      seconds: between(seconds, other.seconds), low: min(low, other.low), high: max(high, other.high), basis: basis)
  }
}

/// How far a figure may be off, as a factor: errors of the fit, of the distance in ranks, and of that in sizes, added as
/// squares.
private struct Spread {
  private let logarithm: Double

  /// A fit is never trusted further.
  private static let least = 0.02
  /// Of each doubling of the size beyond the largest, or halving below the least.
  private static let perDoublingOfBytes = 0.05

  init(_ fit: CollectiveFit, bytes: Int, ranks: Int) {
    let doublings = abs(log2(Double(ranks) / Double(fit.ranks)))
    let size = max(1, Double(bytes))
    let beyond = max(0, log2(size / Double(max(1, fit.mostBytes))), log2(Double(max(1, fit.leastBytes)) / size))
    let parts = [
      max(Self.least, fit.error, fit.heldOutError ?? 0), fit.errorPerDoubling * doublings,
      Self.perDoublingOfBytes * beyond,
    ]
    logarithm = parts.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// - Parameter others: that may be as right.
  func around(_ seconds: Double, _ others: [Double], basis: NetworkEstimate.Basis) -> NetworkEstimate {
    let all = others + [seconds]
    return NetworkEstimate(
      seconds: seconds, low: all.min()! * exp(-logarithm), high: all.max()! * exp(logarithm), basis: basis)
  }
}
