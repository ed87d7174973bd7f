import Foundation

/// The kind of thing that a path to be read leads to. Looked at before it is opened: to open a pipe is to wait for its
/// writer.
public enum InputFile {
  /// The kinds that readers treat in different ways.
  public enum Kind: Equatable, Sendable {
    /// A regular file.
    case file
    /// A folder.
    case folder
    /// Read once, from the start, while somebody writes: a FIFO, a shell's `<(command)`, standard input.
    case pipe
    /// A socket, or a device that is no terminal, pipe or file.
    case device
    /// Nothing that the path leads to, or nothing that may be looked at.
    case absent
  }

  /// Symbolic links are followed.
  public static func kind(of path: String) -> Kind {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return .absent }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFIFO: return .pipe
    default: return .device
    }
  }

  /// - Parameter what: for the error: "a YAML file".
  /// - Throws: `FileError` where the path leads to anything but a file.
  public static func require(_ path: String, _ what: String) throws {
    switch kind(of: path) {
    case .file: return
    case .absent: throw FileError("\(path): there is no such file")
    case .folder: throw FileError("\(path): this is a folder, not \(what)")
    case .pipe: throw FileError("\(path): this is a pipe, not \(what): write what comes out of it to a file first")
    case .device: throw FileError("\(path): this is a device, not \(what)")
    }
  }
}
