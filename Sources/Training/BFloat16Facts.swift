import Configuration
import Kernels

/// How a run of `precision: bfloat16` multiplied, and what else there was: rates of rank 0, in FLOP/s, as `ProductRates` has them.
public struct BFloat16Facts: Encodable, Equatable, Sendable {
  /// What multiplied.
  public var products: ExecutionConfiguration.BFloat16Products
  /// Of floats.
  public var float32: Double
  /// Of floats rounded to bfloat16.
  public var rounded: Double
  /// By the processor's instructions for bfloat16; nil where it has none.
  public var native: Double?

  /// Of what was measured.
  package init(_ products: BFloat16Products, _ rates: ProductRates) {
    self.products = products == .native ? .native : .rounded
    (float32, rounded, native) = (rates.float32, rates.rounded, rates.native)
  }
}

extension BFloat16Facts {
  /// For the user: what multiplies, the rates, and the remedy where another way is faster.
  package var notice: String {
    let other = products == .native ? rounded : native
    let taken = (products == .native ? native : rounded) ?? rounded
    let ways =
      native == nil
      ? "this processor has no instructions for it: floats are rounded and multiplied, which takes as long as floats, for the same quality"
      : products == .native ? "by the processor's instructions for it" : "of floats that are rounded"
    var text = "precision bfloat16: \(ways); products run at \(Self.words(taken)) GFLOP/s"
    if let other { text += ", at \(Self.words(other)) the other way" }
    text += ", at \(Self.words(float32)) in float32"
    // Below a tenth it may be chance.
    if let other, other > 1.1 * taken {
      text += "; execution.bfloat16: \(products == .native ? "rounded" : "native") would be faster"
    }
    return text
  }

  private static func words(_ rate: Double) -> String { "\(Int((rate / 1e9).rounded()))" }
}

private enum BFloat16Key: String, SectionKey { case products, float32, rounded, native }

extension BFloat16Facts {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<BFloat16Key>(node)
    products = try section.required(.products).choice()
    float32 = try section.required(.float32).figure(.amount)
    rounded = try section.required(.rounded).figure(.amount)
    native = try section.optional(.native)?.figure(.amount)
  }
}

extension Trainer {
  /// As rank 0 measures, on all ranks; nil for a run of floats. Collective.
  func measureBFloat16() throws -> BFloat16Facts? {
    guard case .bfloat16(let products) = model.precision else { return nil }
    let measured = try communicator.agree { communicator.rank == 0 ? try ProductRates.measure() : nil }
    let rates = try communicator.broadcast([measured?.float32 ?? 0, measured?.rounded ?? 0, measured?.native ?? 0])
    return BFloat16Facts(
      products, ProductRates(float32: rates[0], rounded: rates[1], native: rates[2] > 0 ? rates[2] : nil))
  }
}
