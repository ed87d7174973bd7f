import Buffers
import COpenSSL
import Foundation

/// The identity of a model's weights.
public enum WeightsHash {
  /// SHA-256 over the parameters in forward order as little-endian floats, statistics included, padding left out: the
  /// numbers as `weights.safetensors` holds them.
  public static func sha256(_ arena: Tensor, layout: ParameterLayout) -> String {
    sha256(layout.forwardEntries.map { arena.slice($0.range) })
  }

  /// Of any bytes: fingerprints of configurations and plans.
  public static func sha256(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in digest { EVP_DigestUpdate($0, bytes.baseAddress, bytes.count) } }
  }

  static func sha256(_ data: Data) -> String {
    data.withUnsafeBytes { bytes in digest { EVP_DigestUpdate($0, bytes.baseAddress, bytes.count) } }
  }

  private static func sha256(_ tensors: [Tensor]) -> String {
    digest { context in
      for tensor in tensors { EVP_DigestUpdate(context, tensor.pointer, tensor.count * MemoryLayout<Float>.stride) }
      return 1
    }
  }

  private static func digest(_ update: (OpaquePointer?) -> Int32) -> String {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, update(context) == 1,
      EVP_DigestFinal_ex(context, &bytes, &count) == 1
    else { preconditionFailure("libcrypto refused SHA-256") }
    return bytes.prefix(Int(count)).map { byte in
      String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
  }
}
