import Buffers
import Foundation

/// A thread that works beside its maker. Foundation's own says nothing where the system has none to give.
enum BackgroundThread {
  /// - Parameter purpose: for the error: "no thread for *reading data ahead*".
  /// - Returns: a thread to be joined or detached.
  /// - Throws: `DatasetError` where the system has no thread to give.
  static func start(_ purpose: String, _ body: @escaping @Sendable () -> Void) throws -> pthread_t {
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { work in
        Unmanaged<Work>.fromOpaque(work!).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard status == 0 else {
      work.release()
      throw DatasetError("no thread for \(purpose): \(String(cString: strerror(status))); \(ResourceLimits.remedy)")
    }
    return thread
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
