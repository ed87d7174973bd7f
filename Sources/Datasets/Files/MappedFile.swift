import Buffers
import Foundation

/// A whole file, mapped into memory for reading. Many ranks of a node share one copy of it.
enum MappedFile {
  /// Throws `DatasetError` where the file is missing, not readable or not a file.
  static func open(_ path: String) throws -> AlignedMemory {
    try DataPath.require(path)
    let descriptor = Foundation.open(DataPath.system(path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DataPath.error(path, "cannot be opened") }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw DataPath.error(path, "cannot be looked at") }
    let byteCount = Int(facts.st_size)
    if byteCount == 0 { return AlignedMemory(byteCount: 0) }
    guard let address = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
      throw DataPath.error(path, "cannot be mapped into memory")
    }
    return AlignedMemory(borrowing: address, byteCount: byteCount, owner: Mapping(address, Identity(path, facts)))
  }

  private final class Mapping {
    private let address: UnsafeMutableRawPointer
    private let byteCount: Int

    init(_ address: UnsafeMutableRawPointer, _ file: Identity) {
      self.address = address
      byteCount = file.byteCount
      LostPages.watch(address, file)
    }

    deinit {
      LostPages.forget(address)
      munmap(address, byteCount)
    }
  }
}

extension AlignedMemory {
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: baseAddress, count: byteCount) }
}
