import Synchronization

/// Whether this process waits within MPI, and how often it came out of it: set by the thread that calls MPI, read by the
/// one that watches.
public enum Activity {
  private static let finished = Atomic<Int>(0)
  private static let depth = Atomic<Int>(0)

  /// Calls of MPI that came back with what they were made for.
  public static var finishedCalls: Int { finished.load(ordering: .relaxed) }
  /// Whether a call is under way. Waits may contain waits.
  public static var isWaiting: Bool { depth.load(ordering: .relaxed) > 0 }

  /// A call that was begun, for whoever waits for it later.
  public struct Mark: Sendable {
    fileprivate let operation: StaticString
    fileprivate let call: Int
    /// -1 where it is not collective.
    fileprivate let bytes: Int
  }

  private static let collectives = Atomic<Int>(0)
  /// Of the place: that of a text that ends with a zero.
  private static let operation = Atomic<UInt>(0)
  private static let call = Atomic<Int>(0)
  private static let bytes = Atomic<Int>(0)
  private static let update = Atomic<Int>(0)

  /// A call begins.
  ///
  /// - Parameter bytes: that it hands over, where it is collective; else nil.
  @discardableResult
  public static func begin(_ operation: StaticString, bytes: Int?) -> Mark {
    let call = bytes == nil ? collectives.load(ordering: .relaxed) : collectives.add(1, ordering: .relaxed).newValue
    let mark = Mark(operation: operation, call: call, bytes: bytes ?? -1)
    wait(for: mark)
    return mark
  }

  /// A call that was begun before is waited for.
  public static func wait(for mark: Mark) {
    operation.store(UInt(bitPattern: mark.operation.utf8Start), ordering: .relaxed)
    call.store(mark.call, ordering: .relaxed)
    bytes.store(mark.bytes, ordering: .relaxed)
  }

  /// This update of training begins.
  public static func begin(update number: Int) { update.store(number, ordering: .relaxed) }

  /// The update of training that is under way, or was the last; 0 before the first.
  static var atUpdate: Int { update.load(ordering: .relaxed) }

  /// Where this process is, or was last; nil before its first call.
  static var place: CallPlace? {
    guard let text = UnsafePointer<CChar>(bitPattern: operation.load(ordering: .relaxed)) else { return nil }
    let bytes = bytes.load(ordering: .relaxed)
    return CallPlace(
      update: atUpdate, call: call.load(ordering: .relaxed), isCollective: bytes >= 0,
      bytes: max(bytes, 0), operation: String(cString: text))
  }

  /// Before a call that may wait for other ranks.
  public static func beginCall() { depth.add(1, ordering: .relaxed) }

  /// After it.
  public static func endCall() {
    depth.subtract(1, ordering: .relaxed)
    finished.add(1, ordering: .relaxed)
  }
}
