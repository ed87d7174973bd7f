import Buffers
import COneDNN

/// Images, or the gradient of a convolution's results, as convolutions of a precision take them: `[rows, height, width, channels]`.
final class ConvolutionFactor {
  let memory: PrimitiveMemory
  private let rounded: Tensor?
  private let narrow: NarrowArray?

  /// - Parameters:
  ///   - what: names the array in `descriptor`'s operation.
  ///   - count: numbers of it.
  init(
    _ descriptor: PrimitiveDescriptor, _ what: dnnl_query_t, count: Int, _ precision: ProductPrecision
  ) throws(OneDNNError) {
    memory = try descriptor.memory(what)
    rounded = precision == .bfloat16(.rounded) ? Tensor(Shape(count)) : nil
    narrow = precision == .bfloat16(.native) ? NarrowArray(count) : nil
  }

  /// For the next runs, which must happen while the caller still has the span where floats are taken as they are.
  func take(_ values: Span<Float>) {
    if let rounded {
      var span = rounded.buffer.mutableSpan
      NarrowFloat.roundToBFloat16(values, into: &span)
      memory.point(at: rounded.pointer)
    } else if let narrow {
      narrow.take(values)
      memory.point(at: UnsafeMutableRawPointer(narrow.start))
    } else {
      memory.point(at: values)
    }
  }
}

extension ProductPrecision {
  /// What oneDNN is told that it multiplies.
  var factors: dnnl_data_type_t { self == .bfloat16(.native) ? dnnl_bf16 : dnnl_f32 }
}
