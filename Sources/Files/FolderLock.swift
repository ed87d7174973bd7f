import Foundation

/// A folder that one process at a time writes results to. The lock is the system's, on a file in the folder that says who
/// holds it, and ends with the process however that ends: what a killed one left behind is no obstacle.
///
/// Where the file system has no locks, the folder is as good as free.
public final class FolderLock: Sendable {
  /// The lock's file in the folder; hidden, and without meaning once its process has ended.
  public static let fileName = ".lock"

  private let path: String
  private let descriptor: Int32

  /// - Throws: `FileError`, which names the process that holds the folder.
  public init(_ folder: String) throws {
    path = "\(folder)/\(Self.fileName)"
    descriptor = try Self.take(path, folder)
    Self.write("process \(getpid()) on \(Self.host) since \(Date().ISO8601Format())\n", to: descriptor)
  }

  deinit {
    if isHeld { unlink(path) }
    close(descriptor)
  }

  /// False where the folder, or the file in it, has been removed or replaced.
  public var isHeld: Bool { SameFile.isSame(descriptor, path) }

  private static func take(_ path: String, _ folder: String) throws -> Int32 {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw FileError("open", path) }
      do {
        try lock(descriptor, path, folder)
        // The process that held it until now may have removed the file when it was done.
        if SameFile.isSame(descriptor, path) { return descriptor }
        close(descriptor)
      } catch {
        close(descriptor)
        throw error
      }
    }
  }

  private static func lock(_ descriptor: Int32, _ path: String, _ folder: String) throws {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL: return
      case EWOULDBLOCK:
        throw FileError("\(folder) is in use by \(holder(path)): wait for its end, or choose another folder")
      default: throw FileError("lock", path)
      }
    }
  }

  private static func holder(_ path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    return line.isEmpty ? "another process" : line
  }

  /// For people; a folder may be used without it.
  private static func write(_ text: String, to descriptor: Int32) {
    guard ftruncate(descriptor, 0) == 0 else { return }
    _ = text.utf8.withContiguousStorageIfAvailable { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static var host: String {
    var name = [UInt8](repeating: 0, count: 256)
    let status = name.withUnsafeMutableBytes {
      gethostname($0.bindMemory(to: CChar.self).baseAddress!, $0.count - 1)
    }
    return status == 0 ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "an unknown host"
  }
}
