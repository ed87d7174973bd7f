import Foundation

/// A file of text, read once from its start to its end; unpacked on the way where it is gzip or xz, whatever its name
/// says. Throws `DatasetError`.
final class TextFile {
  enum Packing { case none, gzip, xz }

  let path: String
  /// Of the file itself, packed or not.
  let byteCount: Int
  let packing: Packing
  /// Of the file itself, so far.
  private(set) var bytesRead = 0
  private let descriptor: Int32
  private let unpacker: (any TextUnpacker)?
  private let packed: UnsafeMutableRawBufferPointer
  private var packedRange = 0..<0
  private var isAtEnd = false

  private static let packedRoom = 1 << 18

  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.error(path, "cannot be opened") }
    var facts = stat()
    let known = fstat(descriptor, &facts) == 0
    guard known, facts.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw DatasetError(
        file: path,
        facts.st_mode & S_IFMT == S_IFDIR ? "this is a folder: name its files" : "this is not a regular file")
    }
    byteCount = Int(facts.st_size)
    packing = Self.packing(of: descriptor)
    do {
      switch packing {
      case .none: unpacker = nil
      case .gzip: unpacker = try TextGzip(path)
      case .xz: unpacker = try TextXZ(path)
      }
    } catch {
      close(descriptor)
      throw error
    }
    packed = .allocate(byteCount: unpacker == nil ? 0 : Self.packedRoom, alignment: 64)
  }

  deinit {
    close(descriptor)
    packed.deallocate()
  }

  /// Fills `buffer` with what comes next; less than all of it only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var count = 0
    while count < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      let more = try unpacker.map { try unpack(with: $0, into: rest) } ?? load(into: rest)
      if more == 0 { break }
      count += more
    }
    return count
  }

  /// Zero at the end.
  private func unpack(with unpacker: any TextUnpacker, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      if packedRange.isEmpty, !isAtEnd {
        packedRange = 0..<(try load(into: packed))
        isAtEnd = packedRange.isEmpty
      }
      let input = UnsafeRawBufferPointer(rebasing: packed[packedRange])
      let (taken, made) = try unpacker.unpack(input, isLast: isAtEnd, into: buffer)
      packedRange = packedRange.lowerBound + taken..<packedRange.upperBound
      if made > 0 { return made }
      if isAtEnd, packedRange.isEmpty {
        guard unpacker.isAtBoundary else { throw unpacker.error("ends too early, at byte \(bytesRead) of the file") }
        return 0
      }
    }
  }

  private func load(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, min(buffer.count, 1 << 26))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.error(path, "cannot be read") }
      bytesRead += count
      return count
    }
  }

  private static func packing(of descriptor: Int32) -> Packing {
    var start = [UInt8](repeating: 0, count: 6)
    let count = max(pread(descriptor, &start, start.count, 0), 0)
    if start[..<count].starts(with: [0x1F, 0x8B]) { return .gzip }
    return start[..<count] == [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00] ? .xz : .none
  }

  private static func error(_ path: String, _ what: String) -> DatasetError {
    switch errno {
    case ENOENT: DatasetError(file: path, "there is no such file")
    case EACCES, EPERM: DatasetError(file: path, "the file may not be read: check its permissions and its folder's")
    default: DatasetError(file: path, "the file \(what): \(String(cString: strerror(errno)))")
    }
  }
}

/// One way of packing, as a stream.
protocol TextUnpacker: AnyObject {
  /// The file, for errors.
  var path: String { get }
  /// `gzip`, for errors.
  var kind: String { get }
  /// Whether the data may end here.
  var isAtBoundary: Bool { get }

  /// - Parameter isLast: nothing comes after `input`.
  /// - Returns: how many bytes of `input` were used up, and how many were written to `output`.
  func unpack(_ input: UnsafeRawBufferPointer, isLast: Bool, into output: UnsafeMutableRawBufferPointer) throws -> (
    taken: Int, made: Int
  )
}

extension TextUnpacker {
  func error(_ problem: String) -> DatasetError {
    DatasetError(file: path, "the \(kind) data \(problem): copy or download it again")
  }
}
