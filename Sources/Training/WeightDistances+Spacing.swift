import Foundation

extension WeightDistances {
  /// Updates noted of a factor of ten.
  static let perDecade = 20.0

  /// The noted number of updates that is nearest on a logarithmic axis.
  static func nearestDue(to count: Int) -> Int {
    let place = (perDecade * log10(Double(count))).rounded()
    return Int(pow(10, place / perDecade).rounded())
  }
}
