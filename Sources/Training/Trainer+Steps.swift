import Foundation
import Measurement
import MessagePassing

/// The account of all ranks, step by step.
extension Trainer {
  /// Brings the ranks' accounts together. Collective; the same on every rank.
  ///
  /// - Returns: the rank that the others waited for, if that cost much.
  func findSlowRank() throws -> SlowRank? {
    let steps = try gatherSteps()
    self.steps = steps
    return SlowRank(in: steps)
  }

  private func gatherSteps() throws -> RunSteps {
    let mine = crew.steps
    let figures = try communicator.allGather(mine.rows.flatMap(\.figures))
    let hosts = try communicator.allGather(ProcessInfo.processInfo.hostName)
    let shares = try communicator.allGather(crew.whole(experiment.step(0)).microbatches.count)
    let ranks = hosts.indices.map { rank in
      RunSteps.Rank(
        host: hosts[rank], microbatches: shares[rank],
        rows: StepSeconds.rows(figures[rank]))
    }
    return RunSteps(
      firstStep: crew.updatesBefore + 2, steps: mine.steps, stepsPerRow: mine.stepsPerRow, ranks: ranks,
      layers: try layers(ranks), buckets: buckets)
  }

  /// Relative to the last rank: each rank's figures are relative to itself, and it waits for that one.
  private func layers(_ ranks: [RunSteps.Rank]) throws -> [RunSteps.Layer] {
    let ready = try communicator.allGather(crew.readiness.seconds)
    let firstParts = try communicator.allGather(crew.readiness.firstPartSeconds)
    let sizes = try communicator.allGather(crew.exchange.firstPartCounts)
    let waits = ranks.map { rank in
      rank.rows.reduce(0) { $0 + Double($1[.wait]) } / Double(max(crew.steps.steps, 1))
    }
    return model.nodes.enumerated().map { layer, node in
      let busy = ranks.indices.filter { ranks[$0].microbatches > 0 }
      func latest(_ seconds: [[Double]]) -> Double { busy.map { seconds[$0][layer] + waits[$0] }.min() ?? 0 }
      let floats = sizes.map { $0[layer] }.max() ?? 0
      return RunSteps.Layer(
        name: node.name, floats: layout.layerRanges[layer].count, ready: latest(ready),
        firstPart: floats > 0 ? .init(floats: floats, ready: latest(firstParts)) : nil)
    }
  }

  private var buckets: [RunSteps.Bucket] {
    guard crew.ranks > 1 else { return [] }
    return crew.exchange.plan.buckets.map { RunSteps.Bucket(floats: $0.range.count, layer: $0.dueAfterLayer) }
  }
}
