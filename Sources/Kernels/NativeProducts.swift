import Buffers
import COneDNN

/// Of bfloat16, by oneDNN's products of them.
final class NativeProducts: LinearProducts {
  private let shape: LinearShape
  /// `[maximumRows, inputs]`
  private let x: NarrowArray
  /// `[inputs, outputs]`
  private let weight: NarrowArray
  /// `[maximumRows, outputs]`
  private let dy: NarrowArray
  private let weightIsFixed: Bool
  private var hasWeight = false
  private var made: [(key: NativeProduct.Key, product: NativeProduct)] = []

  init(_ shape: LinearShape, weightIsFixed: Bool = false) {
    self.weightIsFixed = weightIsFixed
    self.shape = shape
    x = NarrowArray(shape.maximumRows * shape.inputs)
    weight = NarrowArray(shape.inputs * shape.outputs)
    dy = NarrowArray(shape.goesBackward ? shape.maximumRows * shape.outputs : 0)
  }

  /// Made when a size is first seen, found by a short search afterwards.
  private func product(_ key: NativeProduct.Key) throws(OneDNNError) -> NativeProduct {
    for entry in made where entry.key == key { return entry.product }
    let product = try NativeProduct(key)
    made.append((key, product))
    return product
  }

  func forward(_ x: Tensor, _ weight: Tensor, into y: inout MutableSpan<Float>) throws(OneDNNError) {
    self.x.take(x.buffer.span)
    if !hasWeight { self.weight.take(weight.buffer.span) }
    hasWeight = weightIsFixed
    let samples = x.count / shape.inputs
    let key = NativeProduct.Key(
      form: .plain, rows: samples, allRows: samples, columns: shape.outputs, inner: shape.inputs, accumulates: false)
    try product(key).run(self.x.start, self.weight.start, into: &y)
  }

  func takeGradient(_ dy: Tensor) { self.dy.take(dy.buffer.span) }

  func weightGradient(
    _ x: Tensor, _ dy: Tensor, rows: Range<Int>, into gradient: inout MutableSpan<Float>, accumulates: Bool
  ) throws(OneDNNError) {
    let key = NativeProduct.Key(
      form: .transposedLeft, rows: rows.count, allRows: shape.inputs, columns: shape.outputs,
      inner: x.count / shape.inputs, accumulates: accumulates)
    try product(key).run(
      self.x.start + rows.lowerBound, self.dy.start, into: &gradient, from: rows.lowerBound * shape.outputs)
  }

  func inputGradient(
    _ dy: Tensor, _ weight: Tensor, into gradient: inout MutableSpan<Float>, accumulates: Bool
  ) throws(OneDNNError) {
    let samples = dy.count / shape.outputs
    let key = NativeProduct.Key(
      form: .transposedRight, rows: samples, allRows: samples, columns: shape.inputs, inner: shape.outputs,
      accumulates: accumulates)
    try product(key).run(self.dy.start, self.weight.start, into: &gradient)
  }
}

/// C = A·B, or C += A·B, of matrices of bfloat16 to floats: made once for its sizes.
final class NativeProduct {
  /// As `MatrixProduct`; `rows` of `allRows` of the product.
  struct Key: Equatable {
    let form: MatrixProduct.Form
    let rows: Int
    let allRows: Int
    let columns: Int
    let inner: Int
    let accumulates: Bool
  }

  private let left: PrimitiveMemory
  private let right: PrimitiveMemory
  private let result: PrimitiveMemory
  private let primitive: Primitive

  init(_ key: Key) throws(OneDNNError) {
    let (rows, columns, inner) = (Int64(key.rows), Int64(key.columns), Int64(key.inner))
    let leftSteps = key.form == .transposedLeft ? [1, Int64(key.allRows)] : [inner, 1]
    let rightSteps = key.form == .transposedRight ? [1, inner] : [columns, 1]
    let descriptor = try PrimitiveDescriptor("product of bfloat16 matrices \(rows) × \(inner) × \(columns)") {
      lockstep_matrix_product(
        $0, $1, dnnl_bf16, rows, columns, inner, leftSteps, rightSteps, key.accumulates ? 1 : 0)
    }
    left = try descriptor.memory(dnnl_query_src_md)
    right = try descriptor.memory(dnnl_query_weights_md)
    result = try descriptor.memory(dnnl_query_dst_md)
    primitive = try Primitive(
      descriptor, [(DNNL_ARG_SRC, left), (DNNL_ARG_WEIGHTS, right), (DNNL_ARG_DST, result)])
  }

  /// - Parameter offset: of the first number that is written.
  func run(
    _ a: UnsafeMutablePointer<UInt16>, _ b: UnsafeMutablePointer<UInt16>, into c: inout MutableSpan<Float>,
    from offset: Int = 0
  ) throws(OneDNNError) {
    left.point(at: UnsafeMutableRawPointer(a))
    right.point(at: UnsafeMutableRawPointer(b))
    c.withUnsafeMutableBufferPointer { result.point(at: $0.baseAddress.map { $0 + offset }) }
    try primitive.run()
  }
}

/// Numbers of bfloat16 that were floats.
final class NarrowArray {
  private let memory: AlignedMemory
  let start: UnsafeMutablePointer<UInt16>
  private let count: Int

  init(_ count: Int) {
    self.count = count
    memory = AlignedMemory(byteCount: count * MemoryLayout<UInt16>.stride)
    start = memory.baseAddress.assumingMemoryBound(to: UInt16.self)
  }

  /// The first of them become these, rounded.
  func take(_ values: Span<Float>) {
    precondition(values.count <= count, "\(values.count) numbers for room of \(count)")
    var narrow = UnsafeMutableBufferPointer(start: start, count: values.count).mutableSpan
    NarrowFloat.bfloat16.encode(values, into: &narrow)
  }
}
