import Buffers
import Kernels
import MessagePassing

/// A stretch of the gradient arena that travels as bfloat16: rounded when it leaves, added as floats and rounded again where
/// ranks' values meet, and floats again when it is back.
final class NarrowBucket: Bucket {
  private let values: UnsafeMutableBufferPointer<Float>
  private var lease: Lease<UInt16>?
  private var request: InFlight<Lease<UInt16>>?
  private let reduction: CustomReduction

  /// - Parameters:
  ///   - values: as floats, and whoever keeps them outlives the bucket.
  ///   - memory: for as many values of two bytes.
  init(_ values: UnsafeMutableBufferPointer<Float>, _ memory: AlignedMemory, _ reduction: CustomReduction) {
    self.values = values
    self.reduction = reduction
    let narrow = memory.baseAddress.bindMemory(to: UInt16.self, capacity: values.count)
    lease = Lease(UnsafeMutableBufferPointer(start: narrow, count: values.count), owner: memory)
  }

  func start(on communicator: Communicator) throws {
    var lease = lease.take()!
    lease.withMutableSpan { span in
      var narrow = span
      BFloat16.encode(values.span, into: &narrow)
    }
    request = try communicator.startAllReduce(lease, reduction)
  }

  func test() throws -> Bool { try request!.test() }

  func finish() throws {
    guard request != nil else { return }
    let back = try request.take()!.wait()
    back.withSpan { narrow in
      var wide = values.mutableSpan
      BFloat16.decode(narrow, into: &wide)
    }
    lease = consume back
  }

  /// Σ of bfloat16 values, for MPI.
  static func reduction() throws -> CustomReduction {
    try CustomReduction { values, sums, count, _ in
      guard let values, let sums, let count = count.map({ Int($0.pointee) }) else { return }
      var total = UnsafeMutableBufferPointer(start: sums.assumingMemoryBound(to: UInt16.self), count: count).mutableSpan
      BFloat16.add(
        UnsafeBufferPointer(start: values.assumingMemoryBound(to: UInt16.self), count: count).span, to: &total)
    }
  }
}
