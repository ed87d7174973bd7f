import Buffers
import Datasets
import MessagePassing
import Training

extension SavedObjective {
  /// Evaluates ways between these weights, at α = 1, and another model's, at α = 0, on the training set and on what was held
  /// out: the test set where there is one. Collective.
  ///
  /// - Parameters:
  ///   - other: of the same layers.
  ///   - interpolations: the ways, in the record's order.
  ///   - command: as typed.
  ///   - report: told after each place.
  /// - Throws: `CollectiveError` where the other model is damaged, or learnt from other data.
  public func interpolated(
    with other: SavedModel, _ interpolations: [Interpolation], command: String,
    report: (Interpolation.Path, InterpolationFigures.Place) -> Void = { _, _ in }
  ) throws -> InterpolationRecord {
    let data = objective.data
    try objective.communicator.agree { try other.modelFile().requireFits(data.training, at: data.path) }
    let (second, sha256) = try weights(of: other)
    let (heldOut, split) = data.heldOut
    let paths = try interpolations.map { way in
      try InterpolationFigures.measure(
        way, objective, weights, second, heldOut: heldOut, report: { report(way.path, $0) })
    }
    return InterpolationRecord(
      command: command, seed: seed, ranks: objective.communicator.size,
      first: .init(run: path, weightsSHA256: weightsSHA256), second: .init(run: other.path, weightsSHA256: sha256),
      distance: WeightDistance.between(weights, second, objective.layout), statistics: statistics, batch: batch,
      heldOut: split.rawValue, samples: [data.training.count, heldOut.count], paths: paths)
  }
}
