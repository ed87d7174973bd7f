import Buffers
internal import CMemoryFile
import Glibc
import Synchronization

/// Memory that several processes of a host map: a file without a name, which ends with the last process that has it, however that
/// ends. It begins with a page of counters; what follows is zeroed, and there to the last byte: no write fails later for want of room.
final class SharedSegment: @unchecked Sendable {
  // Unchecked: whoever writes agrees with whoever reads by the counters.

  /// How another process of the host finds it.
  struct Address: Equatable {
    var process: Int
    var descriptor: Int
    /// Written at its start: numbers of processes mean something else in another container.
    var secret: Int
  }

  private static let header = 4096

  /// Of one's own, by which others find it; another's is not needed once it is mapped.
  private let descriptor: Int32?
  private let start: UnsafeMutableRawPointer
  private let length: Int

  /// Of this process. nil where the system gives none.
  init?(byteCount: Int) {
    length = Self.header + byteCount
    let file = lockstep_memory_file("lockstep")
    guard file >= 0 else { return nil }
    guard posix_fallocate(file, 0, length) == 0, let start = Self.map(file, length) else {
      close(file)
      return nil
    }
    descriptor = file
    self.start = start
    for stage in SharedMemory.Stage.allCases { pointer(stage).initialize(to: Atomic(0)) }
    secret.pointee = Int.random(in: 1...Int.max)
  }

  /// Of another process, as it stands in `address`. nil where that cannot be reached, or is something else.
  init?(of address: Address, byteCount: Int) {
    length = Self.header + byteCount
    let file = open("/proc/\(address.process)/fd/\(address.descriptor)", O_RDWR | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    descriptor = nil
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_size == length, let start = Self.map(file, length) else { return nil }
    self.start = start
    guard secret.pointee == address.secret else { return nil }
  }

  deinit {
    munmap(start, length)
    if let descriptor { close(descriptor) }
  }

  private static func map(_ file: Int32, _ length: Int) -> UnsafeMutableRawPointer? {
    guard let start = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), start != MAP_FAILED else {
      return nil
    }
    // Only advice, and taken where the system has huge pages for shared memory at all.
    madvise(start, length, MADV_HUGEPAGE)
    return start
  }

  var address: Address {
    Address(process: Int(getpid()), descriptor: descriptor.map(Int.init) ?? -1, secret: secret.pointee)
  }

  /// What follows the counters; keeps the segment alive.
  var memory: AlignedMemory {
    AlignedMemory(borrowing: start + Self.header, byteCount: length - Self.header, owner: self)
  }

  private var secret: UnsafeMutablePointer<Int> { start.assumingMemoryBound(to: Int.self) }

  /// A counter that one process sets and others read, alone on its cache line.
  private func pointer(_ stage: SharedMemory.Stage) -> UnsafeMutablePointer<Atomic<Int>> {
    (start + stage.rawValue * 2 * AlignedMemory.alignment).assumingMemoryBound(to: Atomic<Int>.self)
  }

  /// All that this process wrote before is seen by whoever sees the value.
  func set(_ stage: SharedMemory.Stage, to value: Int) { pointer(stage).pointee.store(value, ordering: .releasing) }

  func value(_ stage: SharedMemory.Stage) -> Int { pointer(stage).pointee.load(ordering: .acquiring) }
}
