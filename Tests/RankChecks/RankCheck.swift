import Glibc
import MessagePassing

/// One thing that must hold on any number of ranks. Its result is compared with what one rank computes alone, so that
/// the same check says something on 1, 2, 3 and 4 ranks.
struct RankCheck: Sendable {
  let name: String
  /// Runs on every rank, on a communicator of its own. Every rank must make the same collective calls.
  let body: @Sendable (Communicator) throws -> Void

  init(_ name: String, _ body: @escaping @Sendable (Communicator) throws -> Void) {
    self.name = name
    self.body = body
  }
}

struct FailedExpectation: Error, CustomStringConvertible {
  let description: String
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String, line: Int = #line) throws {
  if !condition { throw FailedExpectation(description: "\(message()) (line \(line))") }
}

func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String = "value", line: Int = #line)
  throws
{
  try expect(value == expected, "\(what) is \(value), not \(expected)", line: line)
}

/// Runs `body`, which must fail, and returns how.
func expectError<Failure: Error, Result>(_: Failure.Type, line: Int = #line, _ body: () throws -> Result) throws
  -> Failure
{
  do {
    let result = try body()
    throw FailedExpectation(description: "\(result) instead of an error (line \(line))")
  } catch let error as Failure {
    return error
  }
}

/// Runs the checks in order and has rank 0 print one line for each.
///
/// - Returns: how many passed and how many failed; the same on every rank.
func run(_ checks: [RankCheck], on world: Communicator) throws -> (passed: Int, failed: Int) {
  var (passed, failed) = (0, 0)
  for check in checks {
    let own = try world.duplicate()
    do {
      try world.agree { try check.body(own) }
      passed += 1
      if world.rank == 0 { print("ok \(passed + failed) \(check.name)") }
    } catch let error as CollectiveError {
      failed += 1
      if world.rank == 0 { print("not ok \(passed + failed) \(check.name): \(error)") }
    }
    fflush(nil)
  }
  return (passed, failed)
}
