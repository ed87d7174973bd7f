/// Seconds of a call, with what is known about them.
public struct NetworkEstimate: Equatable, Sendable {
  /// What a figure rests on, from the firmest on.
  public enum Basis: CaseIterable, Sendable {
    /// This size was measured on such ranks.
    case measured
    /// A size between measured ones, on such ranks.
    case interpolated
    /// Ranks or sizes beyond what was measured, or levels put together.
    case extrapolated
    /// Nothing was measured: figures of a data sheet.
    case dataSheet
  }

  /// The likeliest value.
  public var seconds: Double
  /// Where the true value may lie; further apart with the distance from what was measured.
  public var low: Double
  /// The upper end.
  public var high: Double
  /// What it rests on.
  public var basis: Basis

  /// With its ends.
  public init(seconds: Double, low: Double, high: Double, basis: Basis) {
    self.seconds = seconds
    self.low = low
    self.high = high
    self.basis = basis
  }

  /// A call of a single rank.
  package static let zero = NetworkEstimate(seconds: 0, low: 0, high: 0, basis: .measured)

  /// One after the other. Ends add too: what makes one call slower than thought does so to the other.
  public static func + (first: NetworkEstimate, second: NetworkEstimate) -> NetworkEstimate {
    let order = Basis.allCases
    let weaker = max(order.firstIndex(of: first.basis)!, order.firstIndex(of: second.basis)!)
    return NetworkEstimate(
      seconds: first.seconds + second.seconds, low: first.low + second.low, high: first.high + second.high,
      basis: order[weaker])
  }

  /// So many in a row, or at such a pace.
  package func times(_ factor: Double) -> NetworkEstimate {
    NetworkEstimate(seconds: seconds * factor, low: low * factor, high: high * factor, basis: basis)
  }
}
