import COneDNN

/// The oneDNN library that this process runs on, for records: `2.6.0`.
public var oneDNNVersion: String {
  let version = dnnl_version().pointee
  return "\(version.major).\(version.minor).\(version.patch)"
}

/// The one CPU engine of the process and a stream on it. Both are stateless for the CPU.
struct OneDNN: @unchecked Sendable {
  // Unchecked: oneDNN documents engines and streams of the CPU as safe to use from any thread.

  let engine: dnnl_engine_t
  let stream: dnnl_stream_t

  private static let shared = Result<OneDNN, OneDNNError> { () throws(OneDNNError) in try OneDNN() }

  static func onCPU() throws(OneDNNError) -> OneDNN { try shared.get() }

  private init() throws(OneDNNError) {
    try Self.checkVersion()
    var engine: dnnl_engine_t?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "open the CPU")
    var stream: dnnl_stream_t?
    try check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue), "open a stream on the CPU")
    self.engine = engine!
    self.stream = stream!
  }

  /// The two interfaces share names but not meanings.
  private static func checkVersion() throws(OneDNNError) {
    guard dnnl_version().pointee.major == DNNL_VERSION_MAJOR else {
      throw OneDNNError(
        dnnl_runtime_error, "this program was built for oneDNN \(DNNL_VERSION_MAJOR): install that, or build it anew")
    }
  }
}
