import Buffers
import Kernels

/// The gradients of a whole model in one flat array, and behind them a few floats by which a rank tells all others, in
/// the same all-reduce, that something happened to it in this step.
///
/// For results that are the same bits at any number of ranks there is a second array, of doubles, in which the
/// microbatches' gradients add up in an order-free way (`FixedPointSum`); that array is then exchanged.
public struct GradientArena {
  /// Each is 1 on a rank that raises it and 0 elsewhere; the sum over ranks says how many did.
  public enum Signal: Int, CaseIterable, Sendable {
    /// The loss was NaN or infinite.
    case notFinite
    /// A gradient is too large for an exact sum.
    case inexact
    /// The user or the system asked for an end.
    case interrupted
    /// Others compute on the rank's core.
    case crowded
  }

  /// One cache line.
  static let tail = AlignedMemory.alignment / MemoryLayout<Float>.stride

  /// Gradients and signals, flat.
  let all: Tensor
  /// Flat, in the layout's order.
  public let gradients: Tensor
  private let signals: Tensor
  /// As `all`, in doubles; nil where floats are summed.
  let sums: AlignedMemory?
  public let exactSum: FixedPointSum?

  /// - Parameter exactSum: how microbatches add up to the same bits in any order; nil adds floats.
  public init(_ layout: ParameterLayout, exactSum: FixedPointSum? = nil) {
    self.exactSum = exactSum
    all = Tensor(Shape(layout.denseCount + Self.tail))
    gradients = all.slice(0..<layout.denseCount)
    signals = all.slice(layout.denseCount..<layout.denseCount + Self.tail)
    sums = exactSum == nil ? nil : AlignedMemory(byteCount: all.count * MemoryLayout<Double>.stride)
  }

  /// True where each microbatch's gradients must come alone, to be added up here.
  public var isReproducible: Bool { sums != nil }

  public func clearSignals() { signals.fill(0) }

  public func raise(_ signal: Signal) { signals.pointer[signal.rawValue] = 1 }

  /// How many ranks raised it, once the exchange has finished.
  public func count(of signal: Signal) -> Int { Int(signals.pointer[signal.rawValue]) }

  /// Adds a stretch of this microbatch's gradients to the sums.
  ///
  /// - Returns: false where the sums may not be exact; see `FixedPointSum.add`.
  func accumulate(_ range: Range<Int>, overwrite: Bool) -> Bool {
    guard let sums, let exactSum, !range.isEmpty else { return true }
    var target = Self.doubles(sums, range).mutableSpan
    return exactSum.add(all.buffer.extracting(range).span, to: &target, overwrite: overwrite)
  }

  /// Brings the sums back to floats.
  func collect() {
    guard let sums else { return }
    var target = all.buffer.mutableSpan
    FixedPointSum.round(Self.doubles(sums, 0..<all.count).span, into: &target)
  }

  static func doubles(_ sums: AlignedMemory, _ range: Range<Int>) -> UnsafeMutableBufferPointer<Double> {
    .init(start: sums.baseAddress.assumingMemoryBound(to: Double.self) + range.lowerBound, count: range.count)
  }
}
