import Files
import Foundation

/// The bytes of a file or of a pipe, once from start to end. Throws `DatasetError`.
///
/// Whoever reads from a pipe may wait for its writer, so all waiting is done a tenth of a second at a time, and
/// `whileWaiting` is called in between: it may throw to stop.
final class ByteInput {
  let path: String
  /// Nil for a pipe.
  let byteCount: Int?
  private(set) var bytesRead = 0
  private let descriptor: Int32
  /// Read already, to see what follows.
  private var ahead: [UInt8] = []

  private static let patience: Int32 = 100

  init(_ path: String) throws {
    self.path = path
    try DataPath.require(path, orPipe: nil)
    let isPipe = InputFile.kind(of: DataPath.system(path)) == .pipe
    descriptor = isPipe ? Self.openPipe(path) : open(DataPath.system(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DataPath.error(path, "cannot be opened") }
    var facts = stat()
    byteCount = !isPipe && fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : nil
  }

  deinit { close(descriptor) }

  /// Bytes of a file that can be read; nil for a pipe.
  static func byteCount(of path: String) throws -> Int? {
    try DataPath.require(path, orPipe: nil)
    let system = DataPath.system(path)
    guard access(system, R_OK) == 0 else { throw DataPath.error(path, "cannot be read") }
    var facts = stat()
    guard InputFile.kind(of: system) == .file, stat(system, &facts) == 0 else { return nil }
    return Int(facts.st_size)
  }

  /// Up to `count` bytes that `read` will give.
  func peek(_ count: Int, whileWaiting: () throws -> Void) throws -> [UInt8] {
    while ahead.count < count {
      var more = [UInt8](repeating: 0, count: count - ahead.count)
      let found = try more.withUnsafeMutableBytes { try load(into: $0, whileWaiting) }
      if found == 0 { break }
      ahead += more[..<found]
    }
    return ahead
  }

  /// Some bytes; none only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, whileWaiting: () throws -> Void) throws -> Int {
    guard !ahead.isEmpty, !buffer.isEmpty else { return try load(into: buffer, whileWaiting) }
    let count = min(ahead.count, buffer.count)
    buffer.copyBytes(from: ahead[..<count])
    ahead.removeFirst(count)
    return count
  }

  private func load(into buffer: UnsafeMutableRawBufferPointer, _ whileWaiting: () throws -> Void) throws -> Int {
    while true {
      if byteCount == nil { try wait(whileWaiting) }
      let count = Foundation.read(descriptor, buffer.baseAddress, min(buffer.count, 1 << 26))
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else { throw DataPath.error(path, "cannot be read") }
      bytesRead += count
      return count
    }
  }

  /// Until there is something to read, or nobody left who could write.
  private func wait(_ whileWaiting: () throws -> Void) throws {
    var place = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while poll(&place, 1, Self.patience) <= 0 { try whileWaiting() }
  }

  /// The end of a pipe that this process was given must be used itself: opened anew, it would not say that its writers
  /// have gone. One with a name is opened without waiting for a writer.
  private static func openPipe(_ path: String) -> Int32 {
    let system = DataPath.system(path)
    let given = ["/dev/fd/", "/proc/self/fd/"].first { system.hasPrefix($0) }
    if let given, let number = Int32(system.dropFirst(given.count)) { return fcntl(number, F_DUPFD_CLOEXEC, 0) }
    if system == "/dev/stdin" { return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) }
    return open(system, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  }
}
