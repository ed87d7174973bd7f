import COneDNN

/// A oneDNN operation on given shapes: knows how it wants its arrays laid out. Freed with its last owner.
final class PrimitiveDescriptor {
  let handle: dnnl_primitive_desc_t
  let operation: String

  /// - Parameter operation: what it is and on which shape, for errors.
  init(
    _ operation: String, _ make: (UnsafeMutablePointer<dnnl_primitive_desc_t?>, dnnl_engine_t) -> dnnl_status_t
  ) throws(OneDNNError) {
    let library = try OneDNN.onCPU()
    var made: dnnl_primitive_desc_t?
    try check(make(&made, library.engine), operation)
    handle = made!
    self.operation = operation
  }

  deinit { dnnl_primitive_desc_destroy(handle) }

  /// Memory laid out as this operation wants the array that `what` names; its data is named before each use.
  func memory(_ what: dnnl_query_t) throws(OneDNNError) -> PrimitiveMemory {
    try PrimitiveMemory(operation) { lockstep_memory($0, $1, lockstep_wanted(handle, what), nil) }
  }
}
