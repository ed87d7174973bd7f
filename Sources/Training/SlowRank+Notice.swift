import Measurement

extension SlowRank {
  /// For the user: which, how often, by what, the cost, and the remedy.
  var notice: String {
    "the others waited for rank \(rank) on \(host) \(often), \(cause.words): \(Self.tenths(seconds)) s, "
      + "\(Self.tenths(share * 100)) % of the steps' time; \(remedy)"
  }

  private var often: String {
    switch (pattern, steps) {
    case (.chronic, _): "in most steps"
    case (_, .some(let steps)) where steps.count == 2 && steps[0] == steps[1]: "in step \(steps[0])"
    case (.once, .some(let steps)) where steps.count == 2: "once, in steps \(steps[0]) to \(steps[1])"
    case (_, .some(let steps)) where steps.count == 2: "now and then, in steps \(steps[0]) to \(steps[1])"
    case (.once, _): "once"
    case (.sometimes, _): "now and then"
    }
  }

  private var remedy: String {
    switch cause {
    case .input: "give that host faster access to the data, or raise execution.prefetch"
    case .share: "set a microBatch that gives every rank as many"
    case .compute where pattern == .chronic:
      "see what else runs there (top), how ranks are bound and whether its processor is throttled, or leave that host out"
    case .compute: "see what else ran there at that time; once is no reason to act"
    }
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension SlowRank.Cause {
  fileprivate var words: String {
    switch self {
    case .compute: "whose computing took longer"
    case .input: "which waited for its input"
    case .share: "which has more microbatches"
    }
  }
}
