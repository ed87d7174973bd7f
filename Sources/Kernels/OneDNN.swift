import COneDNN

/// The oneDNN library that this process runs on, for records: `2.6.0`.
public var oneDNNVersion: String {
  let version = dnnl_version().pointee
  return "\(version.major).\(version.minor).\(version.patch)"
}

/// The largest set of instructions that it uses on this processor: `AVX-512 with VNNI`.
public var oneDNNInstructions: String {
  switch dnnl_get_effective_cpu_isa() {
  case dnnl_cpu_isa_sse41: "SSE 4.1"
  case dnnl_cpu_isa_avx: "AVX"
  case dnnl_cpu_isa_avx2: "AVX2"
  case dnnl_cpu_isa_avx2_vnni: "AVX2 with VNNI"
  case dnnl_cpu_isa_avx512_core: "AVX-512"
  case dnnl_cpu_isa_avx512_core_vnni: "AVX-512 with VNNI"
  case dnnl_cpu_isa_avx512_core_bf16: "AVX-512 with VNNI and bfloat16"
  case dnnl_cpu_isa_avx512_core_amx: "AVX-512 with AMX"
  case let other: other.rawValue == 0 ? "the library's default" : "oneDNN's number \(other.rawValue)"
  }
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
