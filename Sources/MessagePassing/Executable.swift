import Buffers
import Glibc

/// The program that this process runs.
enum Executable {
  /// A hash of the file's bytes, in hexadecimal; "unknown" where it cannot be read. It tells builds apart, and is no
  /// protection against anybody.
  static func fingerprint(of path: String = "/proc/self/exe") -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "unknown" }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_size > 0,
      let start = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { return "unknown" }
    defer { munmap(start, Int(status.st_size)) }
    return hash(UnsafeRawBufferPointer(start: start, count: Int(status.st_size)))
  }

  /// FNV-1a over words of eight bytes, and then over the bytes that are left.
  static func hash(_ bytes: UnsafeRawBufferPointer) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let words = bytes.count / 8
    for word in 0..<words {
      hash = (hash ^ bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)) &* 0x100_0000_01b3
    }
    for index in words * 8..<bytes.count { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
