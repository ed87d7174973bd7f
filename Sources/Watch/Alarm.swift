/// Why the job cannot go on, as far as its watchdogs know.
package enum Alarm: Equatable {
  /// Nothing comes from these ranks' watchdogs any more.
  case silent([Int])
  /// These ranks are there and do nothing, outside of MPI, and all others wait for them.
  case idle([Int])
  /// All ranks wait within MPI, for messages that do not come.
  case stuck

  /// Ranks without which the job could go on, if it can go on without any.
  var missed: [Int] {
    switch self {
    case .silent(let ranks), .idle(let ranks): ranks
    case .stuck: []
    }
  }
}
