import Statistics

/// What one collective took on one group of ranks, in rising order of sizes.
struct TimeSeries {
  let collective: Collective
  let ranks: Int
  let nodes: Int
  let times: [CollectiveTime]

  var level: NetworkLevel { NetworkLevel(ranks: ranks, nodes: nodes) }

  /// A fit with fewer sizes would say nothing.
  static let leastSizes = 4
  /// A fit of every second size needs as many, of twice as many.
  private static let leastSizesForHoldOut = 2 * PiecewiseFit.leastPoints

  /// One a collective and group, in the order in which they first appear. Of a size that was measured twice the later time
  /// counts.
  static func all(in times: [CollectiveTime]) -> [TimeSeries] {
    var order: [[Int]] = []
    var groups: [[Int]: [Int: CollectiveTime]] = [:]
    for time in times {
      let key = [Collective.allCases.firstIndex(of: time.collective)!, time.ranks, time.nodes]
      if groups[key] == nil { order.append(key) }
      groups[key, default: [:]][time.bytes] = time
    }
    return order.map { key in
      TimeSeries(
        collective: Collective.allCases[key[0]], ranks: key[1], nodes: key[2],
        times: groups[key]!.values.sorted { $0.bytes < $1.bytes })
    }
  }

  /// - Throws: `NetworkError` for too few sizes.
  func line() throws -> PiecewiseFit {
    guard times.count >= Self.leastSizes, let fit = Self.fit(times) else {
      throw NetworkError(
        "\(name) was timed at \(times.count) sizes, and a fit needs \(Self.leastSizes): allow more with --seconds or "
          + "--most-bytes")
    }
    return fit
  }

  private static func fit(_ times: [CollectiveTime]) -> PiecewiseFit? {
    PiecewiseFit(x: times.map { Double($0.bytes) }, y: times.map(\.seconds))
  }

  /// Relative misses of every second size, by a fit of the others; none for too few.
  func heldOutMisses() -> [Double] {
    guard times.count >= Self.leastSizesForHoldOut,
      let fit = Self.fit(stride(from: 0, to: times.count, by: 2).map { times[$0] })
    else { return [] }
    return stride(from: 1, to: times.count, by: 2).map { abs(fit(Double(times[$0].bytes)) / times[$0].seconds - 1) }
  }

  var name: String {
    "\(collective.title) of \(ranks) ranks on \(nodes) \(nodes == 1 ? "host" : "hosts")"
  }
}
