import Buffers

/// The gradients of a whole model in one flat array, and behind them a few floats by which a rank tells all others, in
/// the same all-reduce, that something happened to it in this step.
public struct GradientArena {
  /// Each is 1 on a rank that raises it and 0 elsewhere; the sum over ranks says how many did.
  public enum Signal: Int, CaseIterable, Sendable {
    /// The loss was NaN or infinite.
    case notFinite
    /// The user or the system asked for an end.
    case interrupted
  }

  /// One cache line.
  static let tail = AlignedMemory.alignment / MemoryLayout<Float>.stride

  /// Gradients and signals: what is exchanged.
  let all: Tensor
  /// Flat, in the layout's order.
  public let gradients: Tensor
  private let signals: Tensor

  public init(_ layout: ParameterLayout) {
    all = Tensor(Shape(layout.count + Self.tail))
    gradients = all.slice(0..<layout.count)
    signals = all.slice(layout.count..<layout.count + Self.tail)
  }

  public func clearSignals() { signals.fill(0) }

  public func raise(_ signal: Signal) { signals.pointer[signal.rawValue] = 1 }

  /// How many ranks raised it, once the exchange has finished.
  public func count(of signal: Signal) -> Int { Int(signals.pointer[signal.rawValue]) }
}
