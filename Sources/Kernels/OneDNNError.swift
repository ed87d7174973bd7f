import Buffers
import COneDNN

/// oneDNN refused an operation.
public struct OneDNNError: Error, CustomStringConvertible {
  /// The operation that was asked for, with its shape.
  public let operation: String
  /// oneDNN's own code: 1 out of memory, 2 invalid arguments, 3 unimplemented, 5 runtime error.
  public let status: Int

  init(_ status: dnnl_status_t, _ operation: String) {
    self.operation = operation
    self.status = Int(status.rawValue)
  }

  /// Version, operation, meaning of the status and, where memory is lacking, the remedy.
  public var description: String {
    "oneDNN \(oneDNNVersion): \(operation): \(meaning) (status \(status))"
      + (status == Int(dnnl_out_of_memory.rawValue) ? "; \(ResourceLimits.remedy)" : "")
  }

  private var meaning: String {
    switch status {
    case Int(dnnl_out_of_memory.rawValue): "out of memory"
    case Int(dnnl_invalid_arguments.rawValue): "invalid arguments"
    case Int(dnnl_unimplemented.rawValue): "the library offers no such operation here"
    case Int(dnnl_runtime_error.rawValue): "runtime error"
    default: "failed"
    }
  }
}

/// Throws where oneDNN did not succeed. `operation` is built only then.
@inline(__always)
func check(_ status: dnnl_status_t, _ operation: @autoclosure () -> String) throws(OneDNNError) {
  if status != dnnl_success { throw OneDNNError(status, operation()) }
}
