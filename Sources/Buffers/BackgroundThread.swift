import Glibc

/// A thread beside the one that computes: reading ahead, parsing, moving messages on.
package final class BackgroundThread: Sendable {
  private let body: @Sendable () -> Void

  /// Far more than these threads need, and far less than the usual 8 MiB, which many threads may not reserve.
  private static let stackSize = 1 << 20

  private init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  /// - Parameter purpose: for the error.
  /// - Throws: `ThreadError` where the system has no thread to give.
  package static func start(for purpose: String, _ body: @escaping @Sendable () -> Void) throws -> pthread_t {
    let argument = Unmanaged.passRetained(BackgroundThread(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackSize)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        Unmanaged<BackgroundThread>.fromOpaque(argument!).takeRetainedValue().body()
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      argument.release()
      throw ThreadError(
        description: "no thread for \(purpose): \(String(cString: strerror(status))); \(ResourceLimits.remedy)")
    }
    return thread
  }
}

/// Why there is no thread: the system's reason, and the remedy.
package struct ThreadError: Error, CustomStringConvertible {
  /// One sentence.
  package let description: String
}
