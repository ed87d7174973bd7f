import Buffers
internal import CMPI
import Glibc

/// Messages between pairs of ranks, with the memory that they travel in, waited for only so long. Those that do not arrive
/// cannot be taken back: the job must end then, and the memory stays.
final class BoundedRequests {
  private let communicator: Communicator
  private let tag: Int32
  private var pending: [(partner: Int, request: Request)] = []
  private var memories: [AlignedMemory] = []

  init(_ communicator: Communicator, tag: Int) {
    self.communicator = communicator
    self.tag = Int32(tag)
  }

  func send(_ bytes: [UInt8], to partner: Int) throws {
    let memory = memory(bytes.count)
    memory.baseAddress.copyMemory(from: bytes, byteCount: bytes.count)
    try add(partner, "MPI_Isend") {
      MPI_Isend(
        memory.baseAddress, Int32(bytes.count), UInt8.datatype.handle.handle, Int32(partner), tag,
        communicator.comm.handle, &$0.handle)
    }
  }

  /// - Returns: where the bytes will be.
  func receive(atMost count: Int, from partner: Int) throws -> AlignedMemory {
    let memory = memory(count)
    try add(partner, "MPI_Irecv") {
      MPI_Irecv(
        memory.baseAddress, Int32(count), UInt8.datatype.handle.handle, Int32(partner), tag, communicator.comm.handle,
        &$0.handle)
    }
    return memory
  }

  /// Time in which this process was stopped does not count.
  /// - Returns: those whose messages have not come or gone in time, each once.
  func wait(seconds: Double) throws -> [Int] {
    var rounds = 0
    var (waited, last) = (0.0, Deadline.now())
    while true {
      pending = try pending.filter {
        var request = $0.request
        return try !request.test()
      }
      if pending.isEmpty {
        memories = []
        return []
      }
      let now = Deadline.now()
      waited += min(now - last, 1)
      last = now
      if waited >= seconds {
        // MPI may still write there.
        _ = Unmanaged.passRetained(self)
        return Array(Set(pending.map(\.partner))).sorted()
      }
      rounds += 1
      if rounds > 100 { usleep(500) }
    }
  }

  private func memory(_ count: Int) -> AlignedMemory {
    let memory = AlignedMemory(byteCount: max(count, 1))
    memories.append(memory)
    return memory
  }

  private func add(_ partner: Int, _ operation: StaticString, _ start: (inout lockstep_mpi_request) -> Int32) throws {
    pending.append((partner, try Request(operation, communicator, bytes: nil, start)))
  }
}

/// A moment of the monotonic clock.
struct Deadline {
  private let end: Double

  init(seconds: Double) { end = Self.now() + seconds }

  var isPassed: Bool { Self.now() >= end }

  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
