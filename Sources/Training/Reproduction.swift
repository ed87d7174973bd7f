import Configuration

/// A run beside the same run made again: whether it came to the same bits, and where not, the first place and what may be why.
public struct Reproduction {
  private let stored: RunRecord
  private let again: RunRecord

  /// Of a stored run, and of what came of `settings(of:ranks:)`.
  public init(_ stored: RunRecord, again: RunRecord) { (self.stored, self.again) = (stored, again) }

  /// What is to be run again: the same computation on threads as many, with gradients cut as then where ranks are as many.
  ///
  /// - Throws: `ReproductionError` where the run was cut short.
  public static func settings(of stored: RunRecord, ranks: Int) throws -> RunConfiguration {
    guard !stored.outcome.isInterrupted else {
      throw ReproductionError("the run was \(stored.outcome): nobody can ask for its end again at the same moment")
    }
    var run = stored.configuration
    run.checkpoint = nil
    run.data.path = stored.dataset.path
    run.execution.threads = stored.threadsPerRank
    if stored.ranks == ranks, let bytes = stored.bucketBytes { run.execution.bucketBytes = .bytes(bytes) }
    return run
  }

  /// Whether all weights have the same bits.
  public var isSame: Bool { stored.weightsSHA256 == again.weightsSHA256 }

  /// Lines for people.
  public var words: String {
    let heading = "weights \(stored.weightsSHA256) there, on \(Self.ranks(stored))"
    if isSame { return "the same: \(heading), and here, on \(Self.ranks(again))" }
    let lines = [
      "not the same: \(heading), \(again.weightsSHA256) here, on \(Self.ranks(again))",
      "first difference: \(firstDifference)",
    ]
    return (lines + reasons.map { "it may be why: \($0)" }).joined(separator: "\n")
  }

  private static func ranks(_ run: RunRecord) -> String { "\(run.ranks) rank\(run.ranks == 1 ? "" : "s")" }

  /// By what records have of each epoch: sums over ranks are rounded otherwise on other ranks, so figures that are near are not told
  /// apart.
  private var firstDifference: String {
    for (there, here) in zip(stored.epochs, again.epochs) {
      let epoch = there.epoch
      let figures = [
        ("updates", Double(there.updates), Double(here.updates)),
        ("learning rate", there.learningRate, here.learningRate),
        ("training loss", there.training.loss, here.training.loss),
        ("training accuracy", there.training.accuracy, here.training.accuracy),
        ("distance from the start", there.weightDistance, here.weightDistance),
        ("\(stored.dataset.heldOut) loss", there.validation?.loss ?? 0, here.validation?.loss ?? 0),
      ]
      if let (name, there, here) = figures.first(where: { !Self.isNear($0.1, $0.2) }) {
        return "epoch \(epoch), \(name): \(there) there and \(here) here"
      }
    }
    if stored.epochs.count != again.epochs.count {
      return "\(stored.epochs.count) epochs there and \(again.epochs.count) here"
    }
    return "after the last epoch's figures: all of them agree to nine digits"
  }

  private static func isNear(_ a: Double, _ b: Double) -> Bool {
    a == b || (a.isNaN && b.isNaN) || abs(a - b) <= 1e-9 * max(abs(a), abs(b))
  }

  private var reasons: [String] { Self.reasons(stored, again, in: "there", "here") }

  /// What makes other sums of the same numbers.
  ///
  /// - Parameters:
  ///   - one: where the first run's facts are, in a word or two.
  ///   - other: the same of the second.
  static func reasons(_ first: RunRecord, _ second: RunRecord, in one: String, _ other: String) -> [String] {
    let isFast = first.configuration.execution.summation == .fast
    var facts = [
      ("processor", first.machine.processor, second.machine.processor),
      ("instructions", first.machine.instructions ?? "not known", second.machine.instructions ?? "not known"),
      ("oneDNN", first.machine.oneDNN, second.machine.oneDNN), ("MPI", first.machine.mpi, second.machine.mpi),
      ("Lockstep", first.machine.build ?? first.machine.lockstep, second.machine.build ?? second.machine.lockstep),
      ("threads per rank", "\(first.threadsPerRank)", "\(second.threadsPerRank)"),
    ]
    facts.append(("products of bfloat16", words(first.bfloat16), words(second.bfloat16)))
    if isFast, first.ranks == second.ranks, first.ranks > 1 {
      facts.append(("bucketBytes", words(first.bucketBytes), words(second.bucketBytes)))
    }
    let ranks =
      isFast && first.ranks != second.ranks
      ? [
        "execution.summation is fast, and other ranks add in another order: run it on \(Self.ranks(first)), or compare runs with "
          + "reproducible"
      ] : []
    return ranks + facts.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1) \(one) and \($0.2) \(other)" }
  }

  private static func words(_ facts: BFloat16Facts?) -> String { facts.map { $0.products.rawValue } ?? "not there" }
  private static func words(_ bytes: Int?) -> String { bytes.map { "\($0)" } ?? "not known" }
}

/// A run that cannot be run again.
public struct ReproductionError: Error, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}
