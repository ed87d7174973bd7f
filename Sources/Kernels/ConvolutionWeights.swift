import Buffers
import COneDNN

/// Convolution weights in the layout that one operation wants, copied there from the plain one.
final class ConvolutionWeights {
  let inner: PrimitiveMemory
  private let plain: PrimitiveMemory
  private let reorder: Primitive
  private let count: Int
  /// Where floats are rounded first; oneDNN rounds what becomes narrow by itself.
  private let rounded: Tensor?

  init(
    _ window: Window, _ descriptor: PrimitiveDescriptor, _ precision: ProductPrecision
  ) throws(OneDNNError) {
    inner = try descriptor.memory(dnnl_query_weights_md)
    inner.allocate()
    plain = try Self.plain(window, descriptor)
    reorder = try .reorder(descriptor.operation, from: plain, to: inner)
    count = window.weightCount
    rounded = precision == .bfloat16(.rounded) ? Tensor(Shape(count)) : nil
  }

  func take(_ weights: Span<Float>) throws(OneDNNError) {
    precondition(weights.count == count, "\(weights.count) weights instead of \(count)")
    if let rounded {
      var span = rounded.buffer.mutableSpan
      NarrowFloat.roundToBFloat16(weights, into: &span)
      plain.point(at: rounded.pointer)
    } else {
      plain.point(at: weights)
    }
    try reorder.run()
  }

  static func plain(_ window: Window, _ descriptor: PrimitiveDescriptor) throws(OneDNNError) -> PrimitiveMemory {
    try PrimitiveMemory(descriptor.operation) { lockstep_plain_weights($0, $1, window.forRows(1), nil) }
  }
}
