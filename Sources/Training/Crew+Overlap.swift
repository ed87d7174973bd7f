import Batches
import Configuration
import Measurement
import MessagePassing
import Statistics

/// Which way of overlapping is taken where `execution.overlap` leaves it open.
extension Crew {
  /// Ranks of one machine share memory: there is no wire to hide, and a thread beside would only cost. Some builds of MPI
  /// let only one thread call it.
  static func overlap(_ configuration: RunConfiguration, _ session: TrainingSession) -> ExecutionConfiguration.Overlap {
    let asked = configuration.execution.overlap
    let mayChoose = session.machine.nodes.count > 1 && MessagePassingLibrary.threadLevel >= .multiple
    return asked == .auto && !mayChoose ? .progress : asked
  }

  /// What was tried, in seconds a step, and what was taken.
  struct OverlapTrial {
    var seconds: [(overlap: ExecutionConfiguration.Overlap, median: Double)]
    var taken: ExecutionConfiguration.Overlap
  }

  /// Gradients of one step, asked for a few times each way, in turn; the first of each prepares what later ones reuse.
  private static let rounds = 4
  /// A thread must win by more than this: less is chance, and it is the one that uses more of the processor.
  private static let leastGain = 0.02

  /// Tries what is open and takes the faster. Collective; the same on every rank.
  ///
  /// - Returns: nil where nothing was open.
  /// - Throws: `MPIError`, and what reading throws.
  func chooseOverlap() throws -> OverlapTrial? {
    guard ranks > 1, Self.overlap(experiment.configuration, session) == .auto else { return nil }
    let ways: [ExecutionConfiguration.Overlap] = [.progress, .thread]
    var seconds = ways.map { _ in [Double]() }
    for _ in 0..<Self.rounds {
      for (place, way) in ways.enumerated() {
        exchange.overlap = way
        seconds[place].append(try slowestSeconds())
      }
    }
    let medians = seconds.map { Spread(Array($0.dropFirst())).median }
    exchange.overlap = medians[1] < medians[0] * (1 - Self.leastGain) ? .thread : .progress
    return OverlapTrial(seconds: Array(zip(ways, medians)), taken: exchange.overlap)
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

extension Crew.OverlapTrial {
  /// For the user.
  var notice: String {
    let tried = seconds.map { "\($0.overlap.rawValue) \(Self.milliseconds($0.median))" }.joined(separator: ", ")
    return "execution.overlap is auto, and \(taken.rawValue) is taken: a gradient took \(tried)"
  }

  private static func milliseconds(_ seconds: Double) -> String {
    let tenths = Int((seconds * 1e4).rounded())
    return "\(tenths / 10).\(tenths % 10) ms"
  }
}
