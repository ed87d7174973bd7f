import MessagePassing

/// Whether any rank was asked to stop, for loops that exchange nothing else. All ranks learn it at the same point, and
/// none waits for it: what is asked at one point is read some points later.
struct StopAgreement: ~Copyable {
  /// Points between two messages: one costs some microseconds, a point's own work a millisecond or more.
  private static let stride = 8

  private let communicator: Communicator
  private var question: InFlight<Lease<Int>>?
  private var points = 0

  init(_ communicator: Communicator) { self.communicator = communicator }

  /// Collective: every rank comes to the same points.
  mutating func isAsked() throws -> Bool {
    guard communicator.size > 1 else { return Interruption.isRequested }
    defer { points += 1 }
    guard points % Self.stride == 0 else { return false }
    if let question = question.take(), try question.wait().values[0] > 0 { return true }
    question = try communicator.startAllReduce(Lease([Interruption.isRequested ? 1 : 0]), .maximum)
    return false
  }

  /// After the last point. Collective.
  mutating func finish() throws {
    if let question = question.take() { _ = try question.wait() }
  }
}
