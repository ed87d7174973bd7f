import Foundation
import Statistics
import Studies
import Training

extension SyntheticStudy {
  /// The same, of runs that looked at noise and distances: a scale of four global batches at the start, doubled in each epoch, and
  /// a distance that grows as its law says.
  public static func looking(_ record: TrialRecord, distance: (Double) -> Double = { 2 + log($0) }) -> TrialRecord {
    var record = record
    let batch = Double(record.trial.globalBatch)
    record.run.noiseAtStart = GradientNoise(steps: 16, dense: NoiseEstimate(trace: 4 * batch, squaredNorm: 1))
    for index in record.run.epochs.indices {
      let trace = batch * Double(8 << index)
      record.run.epochs[index].noise = GradientNoise(
        steps: 10, dense: NoiseEstimate(trace: trace, squaredNorm: 1),
        tables: NoiseEstimate(trace: trace, squaredNorm: 2))
      record.run.epochs[index].norms = StepNorms([
        .init(update: 1, gradient: 1), .init(update: 2, gradient: 2), .init(update: 3, gradient: 9),
      ])
    }
    record.run.distances = distances(updates: record.run.updates, distance)
    return record
  }

  /// Of two arrays, the first of which goes four fifths of the way.
  private static func distances(updates: Int, _ law: (Double) -> Double) -> WeightDistances {
    var way = WeightDistances()
    way.updates = (1...max(updates, 1)).filter { WeightDistances.isDue(afterUpdates: $0) || $0 == updates }
    way.learningRates = way.updates.map { _ in 0.1 }
    way.total = way.updates.map { law(Double($0)) }
    way.arrays = [
      .init(name: "dense1.weight", distances: way.total.map { 0.8 * $0 }),
      .init(name: "dense1.bias", distances: way.total.map { 0.6 * $0 }),
    ]
    return way
  }
}
