/// How much of the dense gradients' exchange is hidden behind the backward pass.
///
/// Of m buckets of one size the first is ready after 1/m of the backward pass, the last with its end; the wire takes one
/// after the other. Then (1 − 1/m) · min(exchange, backward) is hidden at best: all but the last bucket where the backward pass
/// is the longer, and all of it but its first part where the wire is. Of that a share is seen in a study: bytes must be moved on
/// while the rank computes.
package struct OverlapRule: Equatable {
  /// At least 1.
  package var buckets: Int
  /// Of what could be hidden at best, the share that is: from 0 to 1.
  package var efficiency: Double

  package init(buckets: Int, efficiency: Double) {
    self.buckets = buckets
    self.efficiency = efficiency
  }

  /// Seconds that the rank waits for, of an exchange that takes so many by itself.
  package func exposed(exchange: Double, backward: Double) -> Double { exchange - share * min(exchange, backward) }

  /// Of the shorter of both.
  package var share: Double { efficiency * (1 - 1 / Double(max(1, buckets))) }

  /// Seconds of the whole exchange, hidden too, where so many were exposed.
  ///
  /// - Parameter dense: the share of the exchange that may be hidden; tables' rows travel behind it.
  package func exchange(exposed: Double, backward: Double, dense: Double) -> Double {
    let hiddenAll = exposed / (1 - share * dense)
    return hiddenAll * dense <= backward ? hiddenAll : exposed + share * backward
  }
}
