import CVectorMath

/// Numbers below `Float.leastNormalMagnitude`, which a processor multiplies up to a hundred times slower than others.
/// Moments of weights that no gradient reaches any more (behind a ReLU that is always 0, rows not seen for long) decay to
/// them within a thousand steps and stay there for ever, as 0.9 times the least number rounds to itself.
public enum Subnormals {
  /// From now on the calling thread, and threads that it starts, take them as 0, as other trainers do on CPUs. No weight
  /// is moved by it: the numbers beside them are far larger.
  public static func flush() { lockstep_flush_subnormals() }
}
