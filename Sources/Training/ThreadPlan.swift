import Configuration
import Foundation
import Kernels
import Measurement
import MessagePassing

/// How many threads each rank computes with, and what is wrong with that, if anything: oversubscribed cores are the first
/// reason for slow MPI jobs, and nothing else reports them.
public struct ThreadPlan: Sendable {
  /// Threads of each rank, at least 1.
  public let threads: Int
  /// For the user; nil when every thread has a core.
  public let warning: String?

  /// Collective.
  /// - Parameter requested: nil means as many as `OMP_NUM_THREADS` says, or one per core that the rank was given.
  /// - Throws: `MPIError`.
  public init(requested: Int?, _ communicator: Communicator) throws {
    let node = try communicator.splitByNode()
    let (cores, isPinned) = Self.allowedCores()
    let masks = try node.allGather(cores.map(String.init).joined(separator: ","))
    let sharers = masks.filter { $0 == masks[node.rank] }.count
    let asked = Self.threads(inEnvironment: getenv("OMP_NUM_THREADS").map { String(cString: $0) })
    threads = requested ?? asked ?? max(1, cores.count / sharers)
    let usable = Set(masks.flatMap { $0.split(separator: ",") }).count
    let wanted = try node.allReduce(threads, .sum)
    warning =
      Self.crowdWarning(ranks: node.size, threads: wanted, cores: usable)
      ?? (isPinned && sharers > 1 ? Self.pinWarning(ranks: sharers) : nil)
  }

  private static func crowdWarning(ranks: Int, threads: Int, cores: Int) -> String? {
    guard threads > cores else { return nil }
    return
      "\(ranks == 1 ? "1 rank" : "\(ranks) ranks") on \(ProcessInfo.processInfo.hostName) \(ranks == 1 ? "computes" : "compute") "
      + "with \(threads) threads on \(cores == 1 ? "1 core" : "\(cores) cores"): they take turns. Start fewer ranks, set "
      + "execution.threads, or check mpirun's --bind-to and Slurm's --cpus-per-task."
  }

  private static func pinWarning(ranks: Int) -> String {
    "OMP_PROC_BIND pins the first threads of \(ranks) ranks on \(ProcessInfo.processInfo.hostName) to the same core: unset "
      + "it, or give each rank cores of its own (mpirun's --bind-to, launch/local)."
  }

  /// The processors that this process may run on: pinning and containers narrow them. Pinning by OpenMP, which is of
  /// the first thread alone (`isPinned`), does not: other threads go to its other places.
  private static func allowedCores() -> (cores: [Int], isPinned: Bool) {
    let own =
      SystemFile.field("Cpus_allowed_list", of: "/proc/self/status").map(processors(in:))
      ?? Array(0..<ProcessInfo.processInfo.activeProcessorCount)
    let all = KernelThreads.places.union(own)
    return (all.sorted(), all.count > own.count)
  }

  /// `OMP_NUM_THREADS` may list one number a level of nested regions, of which the first counts here: OpenMP 5.0 §6.2.
  ///
  /// - Returns: nil for what OpenMP ignores as well.
  package static func threads(inEnvironment value: String?) -> Int? {
    let first = value?.split(separator: ",").first?.trimmingCharacters(in: .whitespaces)
    return first.flatMap { Int($0) }.flatMap { ExecutionConfiguration.threadRange.contains($0) ? $0 : nil }
  }

  /// The kernel writes `0-3,8` for 0, 1, 2, 3 and 8.
  package static func processors(in list: String) -> [Int] {
    list.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return [] }
      return Array(first...last)
    }
  }
}
