import Buffers

/// How far two sets of weights are apart.
public enum WeightDistance {
  /// ‖a − b‖₂ of what is learnt: tables count, statistics do not.
  public static func between(_ a: Tensor, _ b: Tensor, _ layout: ParameterLayout) -> Double {
    let differences = layout.entries.filter { !$0.parameter.isStatistic }.flatMap { entry in
      entry.range.map { Double(a.pointer[$0]) - Double(b.pointer[$0]) }
    }
    return differences.length
  }
}
