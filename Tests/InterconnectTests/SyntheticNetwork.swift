import Interconnect

/// Calls over a wire of known latency and bandwidth, done by known schedules, with errors of a few per cent that are the
/// same every time.
struct SyntheticNetwork {
  var latency = 5e-5
  var secondsPerByte = 8e-9
  var reduction = 2e-10
  /// From this size on the second schedule.
  var switchBytes = 1 << 15
  var small = Schedule.doubling
  var large = Schedule.ring
  /// Of each time, relative.
  var noise = 0.03

  static let sizes = (3...26).map { 1 << $0 }

  func seconds(_ collective: Collective, _ bytes: Int, _ ranks: Int) -> Double {
    let wanted = bytes < switchBytes ? small : large
    let schedule = wanted.costs(of: collective, ranks: ranks) == nil ? Schedule.ring : wanted
    let costs = schedule.costs(of: collective, ranks: ranks)!
    return costs.rounds * latency + Double(bytes) * (costs.moved * secondsPerByte + costs.reduced * reduction)
  }

  /// Of groups of one rank on each node.
  func times(ranks counts: [Int], _ collectives: [Collective] = Collective.allCases, sizes: [Int] = Self.sizes)
    -> [CollectiveTime]
  {
    var state: UInt64 = 7
    func error() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return noise * (Double(state >> 33) / Double(UInt64(1) << 31) * 2 - 1)
    }
    return counts.flatMap { ranks in
      collectives.flatMap { collective in
        sizes.map { bytes in
          let time = seconds(collective, bytes, ranks)
          return CollectiveTime(
            collective, ranks: ranks, nodes: ranks, bytes: bytes, times: (0..<9).map { _ in time * (1 + error()) })
        }
      }
    }
  }

  func model(ranks counts: [Int]) throws -> NetworkModel {
    let host = NetworkModel.example.facts!
    return try NetworkModel(
      facts: host, times: times(ranks: counts),
      reductions: Self.sizes.map { ReductionTime(bytes: $0, seconds: Double($0) * reduction) })
  }
}
