import Batches
import Configuration
import Gradients
import Measurement
import MessagePassing
import Statistics

/// What `execution` leaves open about the exchange, tried at the start and chosen by time.
extension Crew {
  /// Ranks of one machine share memory: there is no wire to hide, and a thread beside would only cost. Some builds of MPI
  /// let only one thread call it.
  static func overlap(_ configuration: RunConfiguration, _ session: TrainingSession) -> ExecutionConfiguration.Overlap {
    let asked = configuration.execution.overlap
    let mayChoose = session.machine.nodes.count > 1 && MessagePassingLibrary.threadLevel >= .multiple
    return asked == .auto && !mayChoose ? .progress : asked
  }

  /// Gradients of one step, asked for a few times each way, in turn; the first of each prepares what later ones reuse.
  private static let rounds = 4

  /// Tries what is open and takes the fastest. Collective; the same on every rank.
  ///
  /// - Returns: nil where nothing was open.
  /// - Throws: `MPIError`, and what reading throws.
  func chooseExchange() throws -> ExchangeTrial? {
    guard ranks > 1 else { return nil }
    let execution = experiment.configuration.execution
    let open = (
      overlap: Self.overlap(experiment.configuration, session) == .auto,
      size: execution.bucketBytes == .auto && !hasBucketsOfCheckpoint
    )
    guard open.overlap || open.size else { return nil }
    let overlaps = open.overlap ? [.progress, .thread] : [exchange.overlap]
    let sizes = open.size ? BucketPlan.sizesToTry : [exchange.bucketBytes]
    let ways = sizes.flatMap { size in overlaps.map { ExchangeTrial.Way(overlap: $0, bucketBytes: size) } }
    var seconds = ways.map { _ in [Double]() }
    for _ in 0..<Self.rounds {
      for (place, way) in ways.enumerated() {
        use(way)
        seconds[place].append(try slowestSeconds())
      }
    }
    let medians = seconds.map { Spread(Array($0.dropFirst())).median }
    let trial = ExchangeTrial(seconds: Array(zip(ways, medians)), opensOverlap: open.overlap, opensSize: open.size)
    use(trial.taken)
    try communicator.requireEqual([("bucket plan", WeightsHash.sha256("\(exchange.plan)"))])
    return trial
  }

  private func use(_ way: ExchangeTrial.Way) {
    exchange.overlap = way.overlap
    exchange.cut(bucketBytes: way.bucketBytes)
  }

  /// Of the rank that needs most for the gradient of the first step.
  private func slowestSeconds() throws -> Double {
    try communicator.barrier()
    let start = MonotonicClock.now()
    let gradient = try probe(experiment.step(0), at: weights)
    let seconds = Double(MonotonicClock.now() - start) * 1e-9
    _ = consume gradient
    return try communicator.allReduce(seconds, .maximum)
  }
}

/// What was tried, in seconds a step, and what is taken.
package struct ExchangeTrial {
  /// A way of exchanging gradients.
  package struct Way: Equatable, Sendable {
    package var overlap: ExecutionConfiguration.Overlap
    package var bucketBytes: Int

    package init(overlap: ExecutionConfiguration.Overlap, bucketBytes: Int) {
      self.overlap = overlap
      self.bucketBytes = bucketBytes
    }
  }

  /// The first is the usual one.
  package var seconds: [(way: Way, median: Double)]
  /// Whether `execution.overlap` was left open, and `execution.bucketBytes`.
  package var opensOverlap: Bool
  package var opensSize: Bool

  package init(seconds: [(way: Way, median: Double)], opensOverlap: Bool, opensSize: Bool) {
    self.seconds = seconds
    self.opensOverlap = opensOverlap
    self.opensSize = opensSize
  }

  /// Another way must win by more than this: less is chance.
  private static let leastGain = 0.02

  /// The fastest, or the usual one where none is clearly faster.
  package var taken: Way {
    let best = seconds.min { $0.median < $1.median }!
    return best.median < seconds[0].median * (1 - Self.leastGain) ? best.way : seconds[0].way
  }

  /// For the user.
  package var notice: String {
    let keys = [opensOverlap ? "execution.overlap" : nil, opensSize ? "execution.bucketBytes" : nil].compactMap { $0 }
    let tried = seconds.map { "\(words($0.way)) \(Self.milliseconds($0.median))" }.joined(separator: ", ")
    return "\(keys.joined(separator: " and ")) \(keys.count > 1 ? "are" : "is") auto, and \(words(taken)) is taken: "
      + "a gradient took \(tried)"
  }

  private func words(_ way: Way) -> String {
    let parts = [opensOverlap ? way.overlap.rawValue : nil, opensSize ? "\(way.bucketBytes >> 10) KiB" : nil]
    return parts.compactMap { $0 }.joined(separator: " with ")
  }

  private static func milliseconds(_ seconds: Double) -> String {
    let tenths = Int((seconds * 1e4).rounded())
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
