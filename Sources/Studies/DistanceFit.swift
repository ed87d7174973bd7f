import Glibc
import Statistics
import Training

/// The distance from the start, ‖w_t − w₀‖, against the update t: a + b log t, as of a random walk in a random potential (Hoffer
/// et al. 2017), beside c · t^p and the c · √t of a free random walk.
public struct DistanceFit: Encodable, Equatable, Sendable {
  /// The first update that it is over.
  public var firstUpdate: Int
  /// The last one.
  public var lastUpdate: Int
  /// Distances that it is over.
  public var points: Int
  /// a + b log t, natural logarithm.
  public var logarithm: LinearFit
  /// c · t^p, fitted through logarithms; its R² is of the distance itself.
  public var power: PowerFit
  /// c · √t.
  public var root: ProportionalFit

  /// Fewer distances fit anything.
  static let leastPoints = 5

  /// - Returns: nil for fewer than five distances, or such as are not positive numbers.
  public init?(updates: [Int], distances: [Double]) {
    guard updates.count >= Self.leastPoints, updates.count == distances.count, updates.allSatisfy({ $0 > 0 }) else {
      return nil
    }
    let t = updates.map(Double.init)
    guard let logarithm = LinearFit(x: t.map { log($0) }, y: distances), let power = PowerFit(x: t, y: distances),
      let root = ProportionalFit(t.map { $0.squareRoot() }, y: distances)
    else { return nil }
    (firstUpdate, lastUpdate, points) = (updates.first!, updates.last!, updates.count)
    (self.logarithm, self.power, self.root) = (logarithm, power, root)
  }
}

extension WeightDistances {
  /// The places of the phase that is fitted: from the end of the first epoch on, as long as the rate stays at the largest that
  /// it has from there on. Warm-up and what a schedule lowers are left out; a rate that never stays has no phase.
  func fittedPhase(updatesPerEpoch: Int) -> Range<Int> {
    guard learningRates.count == updates.count, total.count == updates.count else { return 0..<0 }
    let later = updates.firstIndex { $0 >= updatesPerEpoch } ?? updates.count
    guard let peak = learningRates[later...].max(), peak > 0 else { return 0..<0 }
    func isPeak(_ index: Int) -> Bool { learningRates[index] >= peak * (1 - 1e-9) }
    guard let first = learningRates.indices[later...].first(where: isPeak) else { return 0..<0 }
    let end = learningRates.indices[first...].first { !isPeak($0) } ?? learningRates.count
    return first..<end
  }

  /// Over that phase; nil where it is too short.
  func fit(updatesPerEpoch: Int) -> DistanceFit? {
    let phase = fittedPhase(updatesPerEpoch: updatesPerEpoch)
    return DistanceFit(updates: Array(updates[phase]), distances: Array(total[phase]))
  }
}
