import Buffers
import COneDNN

/// An array as oneDNN knows it: a layout, and data that is either its own or named before each use.
final class PrimitiveMemory {
  let handle: dnnl_memory_t
  private var own: AlignedMemory?

  init(
    _ operation: String, _ make: (UnsafeMutablePointer<dnnl_memory_t?>, dnnl_engine_t) -> dnnl_status_t
  ) throws(OneDNNError) {
    let library = try OneDNN.onCPU()
    var made: dnnl_memory_t?
    try check(make(&made, library.engine), operation)
    handle = made!
  }

  deinit { dnnl_memory_destroy(handle) }

  /// Including what oneDNN pads.
  var floatCount: Int { Int(lockstep_byte_count(handle)) / MemoryLayout<Float>.stride }

  func point(at data: UnsafeMutableRawPointer?) { dnnl_memory_set_data_handle(handle, data) }

  /// For the next run, which must happen while the caller still has the span: an array that oneDNN only reads.
  func point(at values: Span<Float>) {
    values.withUnsafeBufferPointer { point(at: UnsafeMutableRawPointer(mutating: $0.baseAddress)) }
  }

  /// For the next run, which must happen while the caller still has the span: an array that oneDNN writes.
  func point(at values: inout MutableSpan<Float>) {
    values.withUnsafeMutableBufferPointer { point(at: $0.baseAddress) }
  }

  /// Gives it data of its own, zeroed.
  func allocate() {
    let memory = AlignedMemory(byteCount: Int(lockstep_byte_count(handle)))
    own = memory
    point(at: memory.baseAddress)
  }
}

extension PrimitiveMemory {
  /// One number a channel; its data is named before each use.
  static func perChannel(_ channels: Int) throws(OneDNNError) -> PrimitiveMemory {
    try PrimitiveMemory("an array of \(channels)") { lockstep_vector($0, $1, Int64(channels), nil) }
  }
}
