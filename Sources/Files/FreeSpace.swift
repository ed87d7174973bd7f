import Foundation

/// Room on a disk.
public enum FreeSpace {
  /// Bytes that this user may still write to the disk that a folder is on; nil where the system does not say.
  public static func bytes(at folder: String) -> Int? {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { return nil }
    return Int(clamping: UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue)
  }

  /// - Throws: `FileError` where less than `needed` bytes are free.
  public static func require(_ needed: Int, at folder: String) throws {
    guard let free = bytes(at: folder), free < needed else { return }
    throw FileError(
      "\(folder): \(inWords(needed)) are needed and \(inWords(free)) are free: free some space or choose another place"
    )
  }

  /// Rounded up.
  static func inWords(_ bytes: Int) -> String {
    let (unit, name) = bytes < 10_000_000 ? (1000, "kB") : (1_000_000, "MB")
    return "\(bytes / unit + (bytes % unit == 0 ? 0 : 1)) \(name)"
  }
}
