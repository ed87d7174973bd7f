import MessagePassing

/// A stretch of the gradient arena on its way through an all-reduce and back.
protocol Bucket: AnyObject {
  func start(on communicator: Communicator) throws
  /// Whether the sum is there; gives MPI the chance to progress.
  func test() throws -> Bool
  /// Blocks until the sum is there; at once where the bucket was not started.
  func finish() throws
}

/// The bucket's memory is either here or under way, never both.
final class LeasedBucket<Element: MessageElement>: Bucket {
  private var lease: Lease<Element>?
  private var request: InFlight<Lease<Element>>?

  init(_ lease: consuming Lease<Element>) { self.lease = consume lease }

  func start(on communicator: Communicator) throws {
    request = try communicator.startAllReduce(lease.take()!, .sum)
  }

  func test() throws -> Bool { try request!.test() }

  func finish() throws {
    guard request != nil else { return }
    lease = try request.take()!.wait()
  }
}
