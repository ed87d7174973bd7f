import Configuration
import Measurement

/// Says when the network, and not the ranks, decides how fast a run is.
package enum ExposedShare {
  /// Of the training time.
  private static let bound = 0.25
  /// Fewer say nothing.
  private static let leastSteps = 20

  /// For the user; nil where there is nothing to say.
  package static func notice(_ ledger: LedgerSummary, _ configuration: RunConfiguration) -> String? {
    let training = ledger.elapsed.median - ledger[.evaluate].median - ledger[.checkpoint].median
    let wire = ledger[.exchangeWire].median
    guard ledger.steps >= leastSteps, training > 0, wire > bound * training else { return nil }
    let percent = Int((wire / training * 100).rounded())
    return
      "\(percent) % of the training time went into moving gradients with nothing computed meanwhile: "
      + remedies(configuration).joined(separator: ", ") + " would lower it"
  }

  private static func remedies(_ configuration: RunConfiguration) -> [String] {
    let execution = configuration.execution
    let mayOverlap = execution.overlap == .none || execution.overlap == .start
    return ["a larger globalBatch"] + (mayOverlap ? ["execution.overlap: auto"] : [])
      + (execution.summation == .reproducible ? ["execution.summation: fast"] : [])
      + (configuration.mayTravelNarrow ? ["exchangePrecision: bfloat16"] : []) + ["fewer ranks"]
  }
}
