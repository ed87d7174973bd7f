import Buffers
import Files
import Foundation

/// The kind of thing that a path of data leads to, looked at before it is opened: to open a pipe is to wait for its
/// writer.
enum DataPath {
  /// Standard input, as commands have it.
  static let standardInput = "-"

  /// The path that the system is asked for.
  static func system(_ path: String) -> String { path == standardInput ? "/dev/stdin" : path }

  /// For errors.
  static func name(_ path: String) -> String { path == standardInput ? "standard input" : path }

  /// - Parameter pipe: what is to be said of a pipe; nil where one will do.
  /// - Throws: `DatasetError` for all but files, and pipes where they will do.
  static func require(_ path: String, orPipe pipe: String? = notFromPipes) throws {
    let problem: String
    switch InputFile.kind(of: system(path)) {
    case .file: return
    case .pipe:
      guard let pipe else { return }
      problem = "this is a pipe, which can be read only once, \(pipe)"
    case .absent: problem = "there is no such file"
    case .folder: problem = "this is a folder: name its files"
    case .device: problem = "this is a device or a socket, not a file"
    }
    throw DatasetError(file: name(path), problem)
  }

  /// The remedy for data that are mapped, or read more than once.
  static let notFromPipes = "and these data are not read once: write what comes out of it to a file first"

  static func error(_ path: String, _ what: String) -> DatasetError {
    switch errno {
    case ENOENT: DatasetError(file: name(path), "there is no such file")
    case EACCES, EPERM:
      DatasetError(file: name(path), "the file may not be read: check its permissions and its folder's")
    case ENOMEM: DatasetError(file: name(path), "the file \(what): no memory for it; \(ResourceLimits.remedy)")
    default: DatasetError(file: name(path), "the file \(what): \(String(cString: strerror(errno)))")
    }
  }
}
