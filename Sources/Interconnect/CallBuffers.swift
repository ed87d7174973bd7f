import Buffers
import MessagePassing

/// Memory of one rank for calls of any collective, and the calls, in the non-blocking forms that training uses.
struct CallBuffers {
  private let memory: (AlignedMemory, AlignedMemory)

  init(mostBytes: Int) {
    memory = (AlignedMemory(byteCount: mostBytes), AlignedMemory(byteCount: mostBytes))
  }

  /// One call, to its end.
  ///
  /// - Parameter bytes: a multiple of a float for each rank, and no more than there is memory for.
  func call(_ collective: Collective, bytes: Int, on communicator: Communicator) throws {
    switch collective {
    case .allReduce: _ = try communicator.startAllReduce(lease(memory.0, bytes), .sum).wait()
    case .allGather: _ = try communicator.startAllGather(lease(memory.0, bytes)).wait()
    case .reduceScatter:
      _ = try communicator.startReduceScatter(
        lease(memory.0, bytes), into: lease(memory.1, bytes / communicator.size), .sum
      ).wait()
    case .allToAll: _ = try communicator.startAllToAll(lease(memory.0, bytes), into: lease(memory.1, bytes)).wait()
    }
  }

  /// Adds one buffer to the other, alone.
  func reduce(bytes: Int, on communicator: Communicator) throws {
    try communicator.reduceLocally(
      UnsafeBufferPointer(floats(memory.0, bytes)).span, into: floats(memory.1, bytes).mutableSpan, .sum)
  }

  private func lease(_ memory: AlignedMemory, _ bytes: Int) -> Lease<Float> {
    Lease(floats(memory, bytes), owner: memory)
  }

  private func floats(_ memory: AlignedMemory, _ bytes: Int) -> UnsafeMutableBufferPointer<Float> {
    let count = bytes / MemoryLayout<Float>.stride
    return UnsafeMutableBufferPointer(
      start: memory.baseAddress.bindMemory(to: Float.self, capacity: count), count: count)
  }
}
