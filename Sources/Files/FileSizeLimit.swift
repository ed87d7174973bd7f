import Foundation

/// The most bytes that a file of this process may have: `ulimit -f`.
public enum FileSizeLimit {
  /// Lets a write beyond the limit fail with an error; the system would else end the process with SIGXFSZ. To be called
  /// once, when a program starts.
  public static func becomeAnError() { signal(SIGXFSZ, SIG_IGN) }

  /// Nil where there is none.
  public static var bytes: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur == rlim_t.max ? nil : Int(clamping: limit.rlim_cur)
  }

  /// - Parameter name: of the file that needs so many bytes.
  /// - Throws: `FileError` where it may not have as many.
  public static func require(_ needed: Int, for name: String) throws {
    guard let bytes, bytes < needed else { return }
    throw FileError(
      "\(name) takes \(FreeSpace.inWords(needed)), and files may have \(FreeSpace.inWords(bytes)) here: raise the limit "
        + "(ulimit -f)")
  }
}
