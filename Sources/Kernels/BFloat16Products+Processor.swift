import Buffers
import COneDNN

extension BFloat16Products {
  /// What this processor is taken to be faster with: matrix tiles, or an AMD's instructions. Intel's AVX-512 form of them multiplied
  /// at half the rate of floats (docs/performance.md). By its kind and not by a measurement, so that a run computes the same
  /// each time.
  public static let usual: BFloat16Products = isFasterByKind && nativeIsRefused == nil ? .native : .rounded

  private static var isFasterByKind: Bool {
    switch dnnl_get_effective_cpu_isa() {
    case dnnl_cpu_isa_avx512_core_amx: true
    case dnnl_cpu_isa_avx512_core_bf16: lockstep_is_intel() == 0
    default: false
    }
  }

  /// Why this processor cannot; nil where it can.
  public static let nativeIsRefused: String? = {
    if dnnl_get_effective_cpu_isa() == dnnl_cpu_isa_avx512_core_amx, lockstep_tiles_have_sizes() == 0 {
      return "this virtual machine has matrix tiles (AMX) and does not tell their sizes, so that code for them fails"
    }
    // Some are made and then not run.
    let tried = Result { () throws(OneDNNError) in try multiplyAFew() }
    guard case .failure = tried else { return nil }
    return "oneDNN \(oneDNNVersion) has no products of bfloat16 for this processor (\(oneDNNInstructions))"
  }()

  private static func multiplyAFew() throws(OneDNNError) {
    let square = Tensor(Shape(16, 16))
    var result = square.buffer.mutableSpan
    try NativeProducts(LinearShape(16, 16, 16, false)).forward(
      Tensor(square.shape), Tensor(square.shape), into: &result)
  }
}
