import Statistics
import Training

/// How far weights went at one place of a study, over its seeds.
public struct DistanceCourse: Encodable, Equatable, Sendable {
  /// Updates made, rising.
  public var updates: [Int]
  /// ‖w − w₀‖ after each, over seeds.
  public var total: [Estimate]
  /// Of the means over seeds; nil where the rate does not stay.
  public var fit: DistanceFit?
  /// The same of each array by itself, as they are listed; those that cannot be fitted are left out.
  public var arrays: [ArrayFit]

  /// One array's.
  public struct ArrayFit: Encodable, Equatable, Sendable {
    /// As in the weights' file.
    public var name: String
    /// Of the means over seeds.
    public var fit: DistanceFit
  }

  /// - Returns: nil where no run measured distances; of runs with other updates than the first one's nothing is taken.
  init?(_ runs: [RunRecord]) {
    guard let first = runs.first(where: { $0.distances != nil }), let way = first.distances, !way.updates.isEmpty else {
      return nil
    }
    let alike = runs.compactMap(\.distances).filter {
      $0.updates == way.updates && $0.arrays.map(\.name) == way.arrays.map(\.name)
    }
    let phase = way.fittedPhase(updatesPerEpoch: first.stepsPerEpoch)
    func estimates(_ distances: (WeightDistances) -> [Double]) -> [Estimate] {
      way.updates.indices.compactMap { index in Estimate(alike.map { distances($0)[index] }) }
    }
    func fitted(_ estimates: [Estimate]) -> DistanceFit? {
      DistanceFit(updates: Array(way.updates[phase]), distances: estimates[phase].map(\.mean))
    }
    updates = way.updates
    total = estimates(\.total)
    fit = fitted(total)
    arrays = way.arrays.indices.compactMap { array in
      fitted(estimates { $0.arrays[array].distances }).map { ArrayFit(name: way.arrays[array].name, fit: $0) }
    }
  }
}
