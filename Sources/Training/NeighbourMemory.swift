import Glibc
import MessagePassing

/// Whether ranks of one host may read each other's memory: process_vm_readv(2), with which MPI libraries copy a large message
/// once instead of twice. Containers and ptrace's restrictions refuse it.
enum NeighbourMemory {
  private static let mark: UInt64 = 0x6c6f_636b_7374_6570

  /// Collective: every rank tries it on the next one of its host.
  /// - Returns: the system's reason; nil where it may be read, or nobody else is here.
  /// - Throws: `MPIError`.
  static func refusal(_ communicator: Communicator) throws -> String? {
    let node = try communicator.splitByNode()
    let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    memory.initialize(to: mark)
    defer { memory.deallocate() }
    let processes = try node.allGather(Int64(getpid()))
    let addresses = try node.allGather(UInt64(UInt(bitPattern: memory)))
    let next = (node.rank + 1) % node.size
    let refusal = node.size > 1 ? read(addresses[next], of: pid_t(processes[next])) : nil
    // Others may still be reading here.
    try node.barrier()
    return refusal
  }

  /// glibc's header keeps it from Swift.
  private typealias Read =
    @convention(c) (pid_t, UnsafePointer<iovec>, UInt, UnsafePointer<iovec>, UInt, UInt) -> Int
  private static let readMemory = dlsym(nil, "process_vm_readv").map { unsafeBitCast($0, to: Read.self) }

  private static func read(_ address: UInt64, of process: pid_t) -> String? {
    guard let readMemory else { return nil }
    var value: UInt64 = 0
    let size = MemoryLayout<UInt64>.size
    let count = withUnsafeMutableBytes(of: &value) { bytes in
      var here = iovec(iov_base: bytes.baseAddress, iov_len: size)
      var there = iovec(iov_base: UnsafeMutableRawPointer(bitPattern: UInt(address)), iov_len: size)
      return readMemory(process, &here, 1, &there, 1, 0)
    }
    if count == size, value == mark { return nil }
    return count < 0 ? String(cString: strerror(errno)) : "another process has its number"
  }
}
