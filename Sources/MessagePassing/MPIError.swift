internal import CMPI
import Watch

/// A call of MPI that failed, in MPI's own words.
public struct MPIError: Error, Equatable, Sendable {
  /// The C function, for instance `MPI_Allreduce`.
  public let operation: String
  /// The implementation's return code.
  public let code: Int
  /// MPI's own words.
  public let text: String
  /// Rank in the communicator that was used; nil before there is one.
  public let rank: Int?

  /// An error of a call that returned `code`.
  public init(operation: String, code: Int, text: String, rank: Int?) {
    self.operation = operation
    self.code = code
    self.text = text
    self.rank = rank
  }

  /// MPI 3.1 §8.4: the text comes from `MPI_Error_string`.
  init(operation: StaticString, code: Int32, rank: Int?) {
    let text = string(of: lockstep_mpi_max_error_string()) { MPI_Error_string(code, $0, $1) }
    self.init(operation: "\(operation)", code: Int(code), text: text ?? "unknown error", rank: rank)
  }
}

extension MPIError: CustomStringConvertible {
  /// One line: operation, rank where it is known, MPI's words.
  public var description: String {
    let place = rank.map { " on rank \($0)" } ?? ""
    return "\(operation) failed\(place): \(text) (code \(code))"
  }
}

/// Makes a call that may wait for other ranks, for the watchdog to see, and turns its code into an error.
@inline(__always)
func checkCode(_ call: @autoclosure () throws -> Int32, _ operation: StaticString, rank: Int?) throws {
  Activity.beginCall()
  defer { Activity.endCall() }
  try requireSuccess(try call(), operation, rank: rank)
}

/// Turns a return code into an error; inlined, so that success costs one comparison.
@inline(__always)
func requireSuccess(_ code: Int32, _ operation: StaticString, rank: Int?) throws {
  if code != lockstep_mpi_success() { throw MPIError(operation: operation, code: code, rank: rank) }
}

/// The text that a C function writes into a buffer of `capacity` characters; nil if it fails.
func string(of capacity: Int32, _ fill: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32) -> String?
{
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(capacity) + 1) { buffer in
    buffer.initialize(repeating: 0)
    var length: Int32 = 0
    guard fill(buffer.baseAddress!, &length) == lockstep_mpi_success() else { return nil }
    return String(cString: buffer.baseAddress!)
  }
}
