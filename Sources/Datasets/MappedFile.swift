import Buffers
import Foundation

/// A whole file, mapped into memory for reading. Many ranks of a node share one copy of it.
enum MappedFile {
  /// Throws `DatasetError` where the file is missing, not readable or not a file.
  static func open(_ path: String) throws -> AlignedMemory {
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw error(path, "cannot be opened") }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw error(path, "cannot be looked at") }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw DatasetError(file: path, "this is not a regular file") }
    let byteCount = Int(facts.st_size)
    if byteCount == 0 { return AlignedMemory(byteCount: 0) }
    guard let address = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
      throw error(path, "cannot be mapped into memory")
    }
    return AlignedMemory(borrowing: address, byteCount: byteCount, owner: Mapping(address, byteCount))
  }

  private static func error(_ path: String, _ what: String) -> DatasetError {
    switch errno {
    case ENOENT: DatasetError(file: path, "there is no such file")
    case EACCES, EPERM: DatasetError(file: path, "the file may not be read: check its permissions and its folder's")
    case ENOMEM: DatasetError(file: path, "the file \(what): no memory for it; \(ResourceLimits.remedy)")
    default: DatasetError(file: path, "the file \(what): \(String(cString: strerror(errno)))")
    }
  }

  private final class Mapping {
    private let address: UnsafeMutableRawPointer
    private let byteCount: Int

    init(_ address: UnsafeMutableRawPointer, _ byteCount: Int) {
      self.address = address
      self.byteCount = byteCount
    }

    deinit { munmap(address, byteCount) }
  }
}

extension AlignedMemory {
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: baseAddress, count: byteCount) }
}
