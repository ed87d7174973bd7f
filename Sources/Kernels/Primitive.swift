import COneDNN

/// A oneDNN operation made once for its shapes and run many times on memories fixed here.
final class Primitive {
  private let handle: dnnl_primitive_t
  private let stream: dnnl_stream_t
  private let arguments: UnsafeMutableBufferPointer<dnnl_exec_arg_t>
  /// Kept alive for `arguments`.
  private let memories: [PrimitiveMemory]
  private let operation: String

  init(_ descriptor: PrimitiveDescriptor, _ arguments: [(Int32, PrimitiveMemory)]) throws(OneDNNError) {
    var made: dnnl_primitive_t?
    try check(dnnl_primitive_create(&made, descriptor.handle), descriptor.operation)
    handle = made!
    stream = try OneDNN.onCPU().stream
    operation = descriptor.operation
    memories = arguments.map(\.1)
    self.arguments = .allocate(capacity: arguments.count)
    _ = self.arguments.initialize(from: arguments.map { dnnl_exec_arg_t(arg: $0.0, memory: $0.1.handle) })
  }

  deinit {
    dnnl_primitive_destroy(handle)
    arguments.deallocate()
  }

  func run() throws(OneDNNError) {
    try check(
      dnnl_primitive_execute(handle, stream, Int32(arguments.count), arguments.baseAddress), operation)
    try check(dnnl_stream_wait(stream), operation)
  }

  /// Copies one memory into another, changing the layout.
  static func reorder(
    _ operation: String, from: PrimitiveMemory, to: PrimitiveMemory
  ) throws(OneDNNError) -> Primitive {
    let descriptor = try PrimitiveDescriptor("\(operation): weights in another layout") {
      lockstep_reorder($0, $1, from.handle, to.handle)
    }
    return try Primitive(descriptor, [(DNNL_ARG_FROM, from), (DNNL_ARG_TO, to)])
  }
}
