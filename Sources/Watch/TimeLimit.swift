import Glibc
import Synchronization

/// How long a rank may be silent, or all of a job without progress, before the job ends.
public enum TimeLimit {
  /// Used where nobody says otherwise: longer than a switch needs to start anew, shorter than anybody looks at a job that hangs.
  package static let usual = 300.0

  private static let chosen = Atomic<Int>(0)

  /// From now on; nil for the usual one. `LOCKSTEP_TIMEOUT` goes before both.
  public static func choose(seconds: Int?) { chosen.store(seconds ?? 0, ordering: .relaxed) }

  /// The one in force, in seconds.
  public static var seconds: Double {
    let chosen = chosen.load(ordering: .relaxed)
    return fromEnvironment ?? (chosen > 0 ? Double(chosen) : usual)
  }

  private static let fromEnvironment = getenv("LOCKSTEP_TIMEOUT").flatMap { read(String(cString: $0)) }

  /// Whole seconds; nil for what is none.
  package static func read(_ text: String) -> Double? {
    Int(text).flatMap { (1...1_000_000).contains($0) ? Double($0) : nil }
  }
}
