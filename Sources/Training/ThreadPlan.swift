import Foundation
import MessagePassing

/// How many threads each rank computes with, and what is wrong with that, if anything: oversubscribed cores are the first
/// reason for slow MPI jobs, and nothing else reports them.
public struct ThreadPlan: Sendable {
  public let threads: Int
  /// For the user; nil when every thread has a core.
  public let warning: String?

  /// Collective.
  /// - Parameter requested: nil means one thread per core that the rank was given.
  public init(requested: Int?, _ communicator: Communicator) throws {
    let node = try communicator.splitByNode()
    let cores = Self.allowedCores()
    let masks = try node.allGather(cores.map(String.init).joined(separator: ","))
    let sharers = masks.filter { $0 == masks[node.rank] }.count
    threads = requested ?? max(1, cores.count / sharers)
    let usable = Set(masks.flatMap { $0.split(separator: ",") }).count
    let wanted = try node.allReduce(threads, .sum)
    warning =
      wanted <= usable
      ? nil
      : "\(node.size) ranks on \(ProcessInfo.processInfo.hostName) compute with \(wanted) threads on \(usable) cores: "
        + "they take turns. Start fewer ranks, set execution.threads, or check mpirun's --bind-to and Slurm's --cpus-per-task."
  }

  /// The processors that this process may run on: pinning and containers narrow them.
  private static func allowedCores() -> [Int] {
    SystemFile.field("Cpus_allowed_list", of: "/proc/self/status").map(processors(in:))
      ?? Array(0..<ProcessInfo.processInfo.activeProcessorCount)
  }

  /// The kernel writes `0-3,8` for 0, 1, 2, 3 and 8.
  static func processors(in list: String) -> [Int] {
    list.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return [] }
      return Array(first...last)
    }
  }
}
