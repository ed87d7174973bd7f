import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import MessagePassing
import Training

extension Trainer {
  /// The loss between weights that another run of the same layers left (α = 0) and the present ones (α = 1), as a study asks it
  /// of its trials: all by the same function. Collective.
  ///
  /// - Parameter other: the file of those weights, which every rank reads.
  /// - Throws: `CollectiveError` with what reading threw; `Interruption.Asked`, on every rank, where one was asked to stop
  ///   meanwhile.
  public func interpolation(_ study: StudyInterpolation, towards other: URL) throws -> InterpolationFigures {
    let objective = try objective(study.statistics, rows: study.batch, seed: study.seed)
    let second = try objective.communicator.agree {
      let weights = Tensor(Shape(layout.count))
      try SafeTensors.read(other, into: layout.namedViews(of: weights))
      return weights
    }
    return try InterpolationFigures.measure(
      Interpolation(study.path, places: study.points), objective, parameters, second,
      heldOut: objective.data.heldOut.set)
  }
}

extension DatasetPair {
  /// What was looked at least: the test set where there is one, or else what a run is judged by.
  var heldOut: (set: any Dataset, split: EvaluatedOn) { test.map { ($0, .test) } ?? (validation, evaluatedOn) }
}
