import Buffers
import Kernels
import MessagePassing

/// A stretch of the gradient arena that travels as floats of two bytes: rounded when it leaves, added as floats and rounded again where
/// ranks' values meet, and floats again when it is back.
final class NarrowBucket: Bucket {
  private let values: UnsafeMutableBufferPointer<Float>
  private let wire: NarrowWire
  private let range: Range<Int>
  private var lease: Lease<UInt16>?
  private var request: InFlight<Lease<UInt16>>?

  /// - Parameters:
  ///   - values: the arena, as floats; whoever keeps them outlives the bucket.
  init(_ values: UnsafeMutableBufferPointer<Float>, _ range: Range<Int>, _ wire: NarrowWire) {
    self.values = values.extracting(range)
    self.range = range
    self.wire = wire
    let memory = AlignedMemory(byteCount: range.count * MemoryLayout<UInt16>.stride)
    let narrow = memory.baseAddress.bindMemory(to: UInt16.self, capacity: range.count)
    lease = Lease(UnsafeMutableBufferPointer(start: narrow, count: range.count), owner: memory)
  }

  func start(on communicator: Communicator) throws {
    var lease = lease.take()!
    lease.withMutableSpan { span in
      var narrow = span
      wire.encode(values.span, range, into: &narrow)
    }
    request = try communicator.startAllReduce(lease, wire.reduction)
  }

  func test() throws -> Bool { try request!.test() }

  func finish() throws {
    guard request != nil else { return }
    let back = try request.take()!.wait()
    back.withSpan { narrow in
      var wide = values.mutableSpan
      wire.format.decode(narrow, into: &wide)
    }
    lease = consume back
  }
}
