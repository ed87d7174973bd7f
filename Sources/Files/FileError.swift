import Foundation

/// The system refused something about a file: which, why, and what to do.
public struct FileError: Error, Equatable, CustomStringConvertible {
  /// One sentence that names the path, then the remedy.
  public let description: String

  /// `description` as a person will read it: what is wrong with which path, and what to do.
  public init(_ description: String) { self.description = description }

  /// - Parameters:
  ///   - action: as in "cannot *write to* results.csv".
  ///   - code: the system's, `errno` right after the call.
  public init(_ action: String, _ path: String, _ code: Int32 = errno) {
    self.init("cannot \(action) \(path): \(String(cString: strerror(code))); \(Self.remedy(code))")
  }

  /// The same error with more to say.
  public func adding(_ text: String) -> FileError { FileError("\(description); \(text)") }

  private static func remedy(_ code: Int32) -> String {
    switch code {
    case ENOSPC, EDQUOT: "free some space and start again"
    case EFBIG: "raise the limit of file sizes (ulimit -f) and start again"
    case EACCES, EPERM, EROFS: "choose a place that you may write to"
    case ENOTDIR, EEXIST: "a file is in the way: choose another place"
    default: "check the folder, or choose another"
    }
  }
}
