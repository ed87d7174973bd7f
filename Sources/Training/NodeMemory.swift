import Buffers
import Foundation
import MessagePassing

/// The memory of this rank's node, and how many ranks share it.
public struct NodeMemory: Sendable {
  /// Bytes of the node that its ranks share: installed, or a container's limit where that is less.
  public let bytes: Double
  /// Ranks of the job on this node, as ranks of the communicator.
  public let ranks: [Int]
  /// Bytes that this process may still map; nil where no limit is set.
  public let addressSpace: Double?

  /// A node of a size that the caller chose, whose ranks are all of the job's: for tests.
  public init(bytes: Double, ranks: Int, addressSpace: Double? = nil) {
    self.bytes = bytes
    self.ranks = Array(0..<ranks)
    self.addressSpace = addressSpace
  }

  /// Collective. Throws `MPIError`.
  public init(_ communicator: Communicator) throws {
    let installed = Int(ProcessInfo.processInfo.physicalMemory)
    bytes = Double(min(installed, MemoryLimit.bytes() ?? installed))
    ranks = try communicator.splitByNode().allGather(communicator.rank)
    let threads = Double(ProcessInfo.processInfo.activeProcessorCount) / Double(ranks.count) + Self.ownThreads
    addressSpace = ResourceLimits.addressesLeft.map { Double($0) - threads * Self.addressesPerThread }
  }

  /// Of a thread's stack, and of code that oneDNN makes for it: seldom touched, so that only a limit on addresses counts them.
  /// Where they cannot be had, oneDNN 2.6 ends with a segmentation fault.
  private static let addressesPerThread = 8e6
  /// The reader's, and the main thread's share.
  private static let ownThreads = 2.0

  /// - Parameters:
  ///   - parts: what every rank will hold.
  ///   - jobRanks: nil for all; else only this job's first ranks hold it.
  /// - Throws: `InsufficientMemory` where the node has less than its ranks will hold together, or this process may not
  ///   have so much.
  public func require(_ parts: [MemoryPart], jobRanks: Int? = nil) throws {
    let ranks = ranks.count { $0 < jobRanks ?? .max }
    guard ranks > 0 else { return }
    let needed = parts.bytes
    if needed * Double(ranks) > bytes {
      throw InsufficientMemory(
        description:
          "the model needs \(MemoryPart.size(needed * Double(ranks))) on each node "
          + "(\(ranks == 1 ? "1 rank:" : "\(ranks) ranks, each:") \(parts.words)), which has "
          + "\(MemoryPart.size(bytes)): \(parts.remedies(ranks: ranks))")
    }
    if let addressSpace, needed > addressSpace {
      throw InsufficientMemory(
        description:
          "the model needs \(MemoryPart.size(needed)) for each rank (\(parts.words)), and a limit (ulimit -v) lets "
          + "a process have \(MemoryPart.size(max(0, addressSpace))) more: raise it, or "
          + parts.remedies(ranks: 1))
    }
  }
}
