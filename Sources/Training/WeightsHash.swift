import Buffers
import Foundation

/// The identity of a model's weights.
public enum WeightsHash {
  /// SHA-256 over the parameters as they are listed as little-endian floats, statistics included, padding left out: the
  /// numbers as `weights.safetensors` holds them.
  public static func sha256(_ arena: Tensor, layout: ParameterLayout) -> String {
    sha256(layout.listedEntries.map { arena.slice($0.range) })
  }

  /// Hash of any bytes: fingerprints of configurations and plans.
  public static func sha256(_ text: String) -> String { sha256(Data(text.utf8)) }

  static func sha256(_ data: Data) -> String {
    var digest = SHA256Digest()
    data.withUnsafeBytes { digest.add($0) }
    return digest.text()
  }

  /// One after the other, as little-endian floats.
  static func sha256(_ tensors: [Tensor]) -> String {
    var digest = SHA256Digest()
    for tensor in tensors { digest.add(UnsafeRawBufferPointer(tensor.buffer)) }
    return digest.text()
  }
}
