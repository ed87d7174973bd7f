import Configuration
import Landscape
import Statistics

/// The loss on the way between other trials' weights and those of one place of a study, over its seeds.
public struct InterpolationCourse: Encodable, Equatable, Sendable {
  /// The shape of the way.
  public var path: InterpolationPath
  /// At the places where every seed's training loss is a number, in their order.
  public var places: [Place]

  /// One place on the way.
  public struct Place: Encodable, Equatable, Sendable {
    /// 0 at the other trial's weights, 1 at this place's.
    public var alpha: Double
    /// Nats per sample, over seeds.
    public var trainingLoss: Estimate
    /// The same of the set that was held out; nil where it is no number.
    public var heldOutLoss: Estimate?
  }

  /// - Returns: nil where no trial followed a way; ways unlike the first one's are left out.
  init?(_ records: [TrialRecord]) {
    guard let first = records.lazy.compactMap(\.interpolation).first else { return nil }
    let alphas = first.places.map(\.alpha)
    let ways = records.compactMap(\.interpolation).filter { $0.path == first.path && $0.places.map(\.alpha) == alphas }
    path = first.path
    places = alphas.enumerated().compactMap { index, alpha in
      func estimate(_ loss: (InterpolationFigures.Place) -> Double) -> Estimate? {
        let losses = ways.map { loss($0.places[index]) }
        return losses.allSatisfy(\.isFinite) ? Estimate(losses) : nil
      }
      return estimate(\.training.loss).map {
        Place(alpha: alpha, trainingLoss: $0, heldOutLoss: estimate(\.heldOut.loss))
      }
    }
  }
}
