import Measurement
import MessagePassing
import Statistics

/// Times the collectives of a job's ranks, group by group. Every rank of the job makes one and calls `run`.
public final class NetworkMeasurement {
  /// What happens, on every rank, for those who show it.
  public enum Event: Sendable {
    /// A size is about to be timed.
    case timing(Collective, ranks: Int, nodes: Int, bytes: Int)
    /// A size was timed.
    case timed(CollectiveTime)
    /// Sizes from here on would take too long.
    case leftOut(Collective, ranks: Int, nodes: Int, fromBytes: Int)
  }

  private let world: Communicator
  private let plan: MeasurementPlan
  private let groups: [RankGroup]
  private let buffers: CallBuffers
  private let report: (Event) -> Void

  /// All sizes of a series alike get this share of its time; the rest is for the largest, which take more whatever they get.
  private static let shareOfRepetitions = 0.5
  /// Calls that are shorter are timed several at once: a barrier's end is long beside them. Not many: what else the machine
  /// does then meets few of the samples, and the median leaves it out.
  private static let leastSample = 0.2e-3
  private static let mostCallsAtOnce = 8

  /// - Parameters:
  ///   - world: of at least two ranks.
  ///   - nodes: of each of its ranks, as numbers from 0.
  public init(_ world: Communicator, nodes: [Int], _ plan: MeasurementPlan, report: @escaping (Event) -> Void) {
    precondition(nodes.count == world.size, "\(nodes.count) nodes for \(world.size) ranks")
    self.world = world
    self.plan = plan
    self.report = report
    groups = RankGroup.all(nodes: nodes)
    let most = max(plan.mostBytes, plan.bucketBytes.max() ?? 0)
    buffers = CallBuffers(mostBytes: most + world.size * MemoryLayout<Float>.stride)
  }

  /// Everything in the plan; the same on every rank. Collective; throws `MPIError`.
  public func run() throws -> (times: [CollectiveTime], reductions: [ReductionTime]) {
    var times: [CollectiveTime] = []
    let seconds = plan.seconds / Double(max(1, groups.count * plan.collectives.count))
    for group in groups {
      let place = group.members.firstIndex(of: world.rank)
      let communicator = try world.split(color: place.map { _ in 0 }, key: place ?? 0)
      for collective in plan.collectives {
        times += try series(collective, group, communicator, within: seconds)
      }
    }
    return (times, try reductions())
  }

  /// - Parameter communicator: of the group; nil for who is not in it and waits.
  private func series(
    _ collective: Collective, _ group: RankGroup, _ communicator: Communicator?, within seconds: Double
  ) throws -> [CollectiveTime] {
    let (ranks, nodes) = (group.members.count, group.nodes)
    var times: [CollectiveTime] = []
    var spent = 0.0
    let sizes = plan.sizes(of: collective, ranks: ranks)
    for bytes in sizes {
      let expected = times.last.map { $0.seconds * Double(bytes) / Double($0.bytes) } ?? 0
      guard spent + expected * Double(MeasurementPlan.leastRepetitions + 1) <= seconds else {
        report(.leftOut(collective, ranks: ranks, nodes: nodes, fromBytes: bytes))
        break
      }
      report(.timing(collective, ranks: ranks, nodes: nodes, bytes: bytes))
      let samples = try communicator.map {
        try self.samples(collective, bytes, $0, within: seconds * Self.shareOfRepetitions / Double(sizes.count))
      }
      let (values, elapsed) = try tellAll(samples, from: group.members[0])
      spent += elapsed
      let time = CollectiveTime(collective, ranks: ranks, nodes: nodes, bytes: bytes, times: values)
      times.append(time)
      report(.timed(time))
    }
    return times
  }

  /// What the group's first rank knows, to all. Those who wait for it sleep.
  private func tellAll(_ samples: Samples?, from root: Int) throws -> (times: [Double], elapsed: Double) {
    var sent = [Double](repeating: 0, count: plan.repetitions + 2)
    if let samples, world.rank == root {
      sent[0] = samples.elapsed
      sent[1] = Double(samples.times.count)
      sent.replaceSubrange(2..<2 + samples.times.count, with: samples.times)
    }
    let told = try world.startBroadcast(Lease(sent), root: root).waitPolitely().values
    return (Array(told[2..<2 + Int(told[1])]), told[0])
  }

  private struct Samples {
    /// Of a call, of its slowest rank.
    var times: [Double]
    /// What all of it took.
    var elapsed: Double
  }

  private func samples(
    _ collective: Collective, _ bytes: Int, _ communicator: Communicator, within seconds: Double
  ) throws -> Samples {
    func time(_ calls: Int) throws -> Double {
      try communicator.barrier()
      let start = MonotonicClock.now()
      for _ in 0..<calls { try buffers.call(collective, bytes: bytes, on: communicator) }
      return Double(MonotonicClock.now() - start) * 1e-9 / Double(calls)
    }
    let start = MonotonicClock.now()
    // The first call connects, the second tells how many there may be.
    let first = try communicator.allReduce(time(1), .maximum)
    let once = first > seconds ? first : try communicator.allReduce(time(1), .maximum)
    let calls = min(Self.mostCallsAtOnce, max(1, Int(Self.leastSample / max(once, 1e-9))))
    let affordable = Int(min(1e6, seconds / (max(once, 1e-9) * Double(calls))))
    let repetitions = min(plan.repetitions, max(MeasurementPlan.leastRepetitions, affordable))
    var own: [Double] = []
    for _ in 0..<repetitions { own.append(try time(calls)) }
    try communicator.allReduce(inPlace: own.mutableSpan, .maximum)
    return Samples(times: own, elapsed: Double(MonotonicClock.now() - start) * 1e-9)
  }

  /// The slowest rank's, all of them at once, as in a collective.
  private func reductions() throws -> [ReductionTime] {
    try plan.sizes(of: .allReduce, ranks: world.size).map { bytes in
      var own: [Double] = []
      for _ in 0..<MeasurementPlan.leastRepetitions + 2 {
        let start = MonotonicClock.now()
        try buffers.reduce(bytes: bytes, on: world)
        own.append(Double(MonotonicClock.now() - start) * 1e-9)
      }
      return ReductionTime(bytes: bytes, seconds: try world.allReduce(own.quantile(0.5), .maximum))
    }
  }
}
