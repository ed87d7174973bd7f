/// How a rank's microbatches become its gradient of a step.
public enum Accumulation: Sendable {
  /// Layers add each microbatch's gradient to those before it: nothing is copied.
  case inPlace
  /// Each microbatch's gradient comes alone, can be looked at (`GradientExchange.observer`), and is added to the others
  /// afterwards, in their order.
  case alone
  /// As `alone`, added up to the same bits in any order and on any ranks (`FixedPointSum`).
  case exact

  /// Whether layers overwrite one microbatch's gradient by the next.
  public var isAlone: Bool { self != .inPlace }

  /// Bytes of each number that is exchanged, unless it is rounded on its way.
  var bytesPerElement: Int { self == .exact ? MemoryLayout<Double>.stride : MemoryLayout<Float>.stride }
}
