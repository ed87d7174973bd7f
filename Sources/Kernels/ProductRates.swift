import Buffers

/// How fast this thread and those that help it multiply in each precision, in FLOP/s: the three products of a layer of 512 numbers to
/// 512, of 512 samples, with all that a precision does to their factors.
public struct ProductRates: Equatable, Sendable {
  /// Of floats.
  public var float32: Double
  /// Of floats rounded to bfloat16.
  public var rounded: Double
  /// Of bfloat16, by the processor's instructions; nil where it has none.
  public var native: Double?

  /// Those rates, measured elsewhere.
  public init(float32: Double, rounded: Double, native: Double?) {
    self.float32 = float32
    self.rounded = rounded
    self.native = native
  }

  /// The fastest of three each, in turn; takes some tenths of a second. Throws `OneDNNError` where oneDNN fails.
  public static func measure() throws(OneDNNError) -> ProductRates {
    let ways: [ProductPrecision] =
      [.float32, .bfloat16(.rounded)] + (BFloat16Products.nativeIsRefused == nil ? [.bfloat16(.native)] : [])
    let layers = ways.map(MeasuredLayer.init)
    var best = Array(repeating: 0.0, count: ways.count)
    for round in 0..<4 {
      for (place, layer) in layers.enumerated() {
        let rate = try layer.rate()
        // The first round makes what is made once.
        if round > 0 { best[place] = max(best[place], rate) }
      }
    }
    return ProductRates(float32: best[0], rounded: best[1], native: best.count > 2 ? best[2] : nil)
  }
}

/// A layer of random numbers, to be timed.
private final class MeasuredLayer {
  private static let side = 512
  private let products: any LinearProducts
  private let x = MeasuredLayer.numbers()
  private let weight = MeasuredLayer.numbers()
  private let dy = MeasuredLayer.numbers()
  private let result = Tensor(Shape(side, side))

  init(_ precision: ProductPrecision) {
    products = LinearShape(Self.side, Self.side, Self.side, true).products(precision)
  }

  private static func numbers() -> Tensor {
    let tensor = Tensor(Shape(side, side))
    for index in 0..<tensor.count { tensor.buffer[index] = Float((index &* 7919) % 2003) / 1000 - 1 }
    return tensor
  }

  func rate() throws(OneDNNError) -> Double {
    let began = ContinuousClock.now
    var span = result.buffer.mutableSpan
    try products.forward(x, weight, into: &span)
    products.takeGradient(dy)
    try products.weightGradient(x, dy, rows: 0..<Self.side, into: &span, accumulates: false)
    try products.inputGradient(dy, weight, into: &span, accumulates: false)
    let side = Double(Self.side)
    return 3 * 2 * side * side * side / ((ContinuousClock.now - began) / .seconds(1))
  }
}
