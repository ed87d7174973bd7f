import Buffers
import Kernels
import MessagePassing

/// The gradients of a whole model in one flat array, and behind them a few floats by which a rank tells all others, by an
/// all-reduce as well, that something happened to it in this step.
///
/// Where microbatches come alone there is a second array, in which they are added up; that array is then exchanged.
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
    /// All ranks are to write a checkpoint after the step.
    case checkpoint
  }

  /// Floats behind the gradients: one cache line.
  package static let tail = AlignedMemory.alignment / MemoryLayout<Float>.stride

  /// How microbatches add up.
  public let accumulation: Accumulation
  /// Gradients and signals, flat: of one microbatch or, `inPlace`, of those so far.
  let all: Tensor
  /// Flat, in the layout's order.
  public let gradients: Tensor
  private let signals: Tensor
  /// As `all`, of the microbatches so far; `alone` only.
  private let floatSums: Tensor?
  /// As `all`, of the microbatches so far; `exact` only.
  let doubleSums: AlignedMemory?

  /// Where the array that is exchanged lies, if other ranks of the host see it.
  let shared: SharedMemory?

  /// That of so many ranks: fewer, as a worker's, go by messages, since only some of those who share it bring something.
  func shared(by ranks: Int) -> SharedMemory? {
    shared.flatMap { $0.node.size * ($0.across?.size ?? 1) == ranks ? $0 : nil }
  }

  /// Whether ranks of a host add up gradients where they lie, without messages.
  public var isShared: Bool { shared != nil }

  /// Room for `layout.denseCount` gradients and the signals, and once more for sums that are kept apart.
  ///
  /// - Parameter shared: as many bytes as `exchangedBytes` says, for the array that is exchanged; nil where that is the rank's own.
  public init(_ layout: ParameterLayout, _ accumulation: Accumulation = .inPlace, in shared: SharedMemory? = nil) {
    self.accumulation = accumulation
    self.shared = shared
    let shape = Shape(layout.denseCount + Self.tail)
    let exchanged = shared.map { $0.parts[$0.node.rank] }
    func tensor(isExchanged: Bool) -> Tensor {
      if isExchanged, let exchanged { Tensor(memory: exchanged, offset: 0, shape: shape) } else { Tensor(shape) }
    }
    all = tensor(isExchanged: accumulation == .inPlace)
    gradients = all.slice(0..<layout.denseCount)
    signals = all.slice(layout.denseCount..<layout.denseCount + Self.tail)
    floatSums = accumulation == .alone ? tensor(isExchanged: true) : nil
    let bytes = Self.exchangedBytes(layout, accumulation)
    doubleSums = accumulation == .exact ? exchanged ?? AlignedMemory(byteCount: bytes) : nil
  }

  /// Bytes of the array that is exchanged.
  public static func exchangedBytes(_ layout: ParameterLayout, _ accumulation: Accumulation) -> Int {
    (layout.denseCount + tail) * accumulation.bytesPerElement
  }

  /// The array that is exchanged where floats are.
  var exchanged: Tensor { floatSums ?? all }

  /// Lowers all signals of this rank, before a step.
  public func clearSignals() { signals.fill(0) }

  /// Raises a signal of this rank: 1 in its float, so that the sum over ranks counts them.
  public func raise(_ signal: Signal) { signals.pointer[signal.rawValue] = 1 }

  /// How many ranks raised it, once the exchange has finished.
  public func count(of signal: Signal) -> Int { Int(signals.pointer[signal.rawValue]) }

  /// Adds a stretch of this microbatch's gradients to the sums.
  ///
  /// - Parameter exact: what the sum of doubles must stay exact for.
  /// - Returns: false where it may not be; see `FixedPointSum.add`.
  func accumulate(_ range: Range<Int>, overwrite: Bool, _ exact: FixedPointSum) -> Bool {
    let source = all.buffer.extracting(range).span
    if let doubleSums {
      var target = Self.doubles(doubleSums, range).mutableSpan
      return exact.add(source, to: &target, overwrite: overwrite)
    }
    guard let floatSums else { return true }
    if overwrite {
      floatSums.slice(range).copy(from: all.slice(range))
    } else {
      var target = floatSums.buffer.extracting(range).mutableSpan
      Arithmetic.add(source, to: &target)
    }
    return true
  }

  /// Brings the sums back to where the layers write: the signals', and of gradients all, or some stretches.
  func collect(_ parts: [Range<Int>]?) {
    guard let parts else { return collect(0..<all.count) }
    for part in parts { collect(part) }
    collect(gradients.count..<all.count)
  }

  private func collect(_ range: Range<Int>) {
    if let floatSums { all.slice(range).copy(from: floatSums.slice(range)) }
    guard let doubleSums else { return }
    var target = all.buffer.extracting(range).mutableSpan
    FixedPointSum.round(Self.doubles(doubleSums, range).span, into: &target)
  }

  static func doubles(_ sums: AlignedMemory, _ range: Range<Int>) -> UnsafeMutableBufferPointer<Double> {
    .init(start: sums.baseAddress.assumingMemoryBound(to: Double.self) + range.lowerBound, count: range.count)
  }
}
