import Foundation

/// A file that appears whole or not at all: written beside its place under another name, and renamed when it has
/// reached the disk. Letting go of it before `commit()` removes what was written; what a killed process left of the same
/// file goes when it is written again. Throws `FileError`.
public struct AtomicFile: ~Copyable {
  /// The name under which the file will appear.
  public let path: String
  private let temporary: String
  private let descriptor: Int32
  /// Bytes written so far, padding included.
  public private(set) var byteCount = 0

  /// Begins a file beside `path`; throws `FileError` where the folder is absent or may not be written to.
  public init(_ path: String) throws {
    self.path = path
    PartialFile.removeStale(in: PathParts.folder(of: path), of: PathParts.name(of: path))
    (temporary, descriptor) = try PartialFile.create(beside: path)
  }

  deinit {
    close(descriptor)
    unlink(temporary)
  }

  /// Appends bytes; throws `FileError` where the disk is full or a limit is reached.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    try Self.write(bytes, to: descriptor, path)
    byteCount += bytes.count
  }

  /// As for bytes. Throws `FileError`.
  public mutating func write(_ data: Data) throws { try data.withUnsafeBytes { try write($0) } }

  /// Zeros up to the next multiple of `alignment`. Throws `FileError`.
  public mutating func pad(to alignment: Int) throws {
    try write(Data(count: (alignment - byteCount % alignment) % alignment))
  }

  /// Writes over what was written before: a header that is known only at the end. Throws `FileError`.
  public mutating func overwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    precondition(offset >= 0 && offset + bytes.count <= byteCount, "\(bytes.count) bytes at \(offset) of \(byteCount)")
    var done = 0
    while done < bytes.count {
      let part = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = pwrite(descriptor, part.baseAddress, part.count, off_t(offset + done))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw FileError("write to", path) }
      done += written
    }
  }

  /// Returns when all that was written is on the disk. Throws `FileError`.
  public func flush() throws {
    guard fsync(descriptor) == 0 else { throw FileError("flush", path) }
  }

  /// Waits for the disk, then renames the file to `path`; throws `FileError`, and nothing has appeared then.
  public consuming func commit() throws {
    let path = path
    try commit(as: path)
  }

  /// Takes a place that was not known at the start, on the same disk: a name in the same folder. Throws `FileError`.
  public consuming func commit(as path: String) throws {
    try flush()
    guard rename(temporary, path) == 0 else { throw FileError("put in place", path) }
    Self.flushFolder(of: path)
  }

  /// A whole file in one go. Throws `FileError`.
  public static func write(_ data: Data, to path: String) throws {
    var file = try AtomicFile(path)
    try file.write(data)
    try file.commit()
  }

  /// All of `bytes`, whatever the system takes at a time. Throws `FileError`.
  public static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = Foundation.write(descriptor, part.baseAddress, min(part.count, 1 << 26))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw FileError("write to", path) }
      rest = rest.dropFirst(written)
    }
  }

  /// A new name in a folder survives a power failure only once the folder itself is flushed.
  package static func flushFolder(of path: String) {
    let folder = PathParts.folder(of: path)
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
