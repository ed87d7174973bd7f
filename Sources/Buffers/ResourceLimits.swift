import Glibc

/// Limits that the system sets to a process: setrlimit(2), a shell's `ulimit`.
package enum ResourceLimits {
  /// The remedy where the system gives no memory or no thread, with the limits that are set.
  package static var remedy: String {
    let set = [
      limit(RLIMIT_AS.rawValue).map { "ulimit -v is \($0 >> 10) kB" },
      limit(__RLIMIT_NPROC.rawValue).map { "ulimit -u is \($0) processes and threads" },
    ].compactMap { $0 }
    let found = set.isEmpty ? "" : " (\(set.joined(separator: ", ")))"
    return "raise the limits on memory and processes\(found), start fewer ranks, or use fewer threads"
  }

  /// Nil where there is none.
  private static func limit(_ resource: UInt32) -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource), &limit) == 0, limit.rlim_cur < rlim_t(Int.max) else { return nil }
    return Int(limit.rlim_cur)
  }
}
