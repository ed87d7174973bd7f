internal import CMPI

/// Threads that may call MPI: MPI 3.1 §12.4.3. A higher level may cost speed in the MPI library.
public enum ThreadLevel: Int, Comparable, CaseIterable, Sendable {
  /// The process has one thread.
  case single
  /// Only the thread that started MPI.
  case funneled
  /// Any thread, one at a time.
  case serialized
  /// Any threads at once.
  case multiple

  /// Less where a level allows less.
  public static func < (a: ThreadLevel, b: ThreadLevel) -> Bool { a.rawValue < b.rawValue }

  var code: Int32 {
    switch self {
    case .single: lockstep_mpi_thread_single()
    case .funneled: lockstep_mpi_thread_funneled()
    case .serialized: lockstep_mpi_thread_serialized()
    case .multiple: lockstep_mpi_thread_multiple()
    }
  }

  /// The highest level that `code` covers: the standard orders the codes but does not number them.
  init(code: Int32) { self = Self.allCases.last { $0.code <= code } ?? .single }
}
