import Foundation
import MessagePassing

/// The memory of this rank's node, and how many ranks share it.
public struct NodeMemory: Sendable {
  public let bytes: Int
  /// Ranks of the job on this node.
  public let ranks: Int

  public init(bytes: Int, ranks: Int) {
    self.bytes = bytes
    self.ranks = ranks
  }

  /// Collective.
  public init(_ communicator: Communicator) throws {
    let installed = Int(ProcessInfo.processInfo.physicalMemory)
    self.init(bytes: min(installed, MemoryLimit.bytes() ?? installed), ranks: try communicator.splitByNode().size)
  }

  /// - Parameters:
  ///   - parts: what every rank will hold.
  ///   - remedy: what else than more memory would help.
  /// - Throws: `InsufficientMemory` where the node has less than its ranks will hold together.
  public func require(_ parts: [MemoryPart], remedy: String) throws {
    let needed = parts.reduce(0) { $0 + $1.bytes } * ranks
    guard needed > bytes else { return }
    let words = parts.filter { $0.bytes > 0 }.map { "\($0.name) \(Self.gigabytes($0.bytes))" }.joined(separator: ", ")
    throw InsufficientMemory(
      description:
        "the model needs \(Self.gigabytes(needed)) on each node (\(ranks == 1 ? "1 rank:" : "\(ranks) ranks, each:") "
        + "\(words)), which has \(Self.gigabytes(bytes)): \(remedy)")
  }

  private static func gigabytes(_ bytes: Int) -> String {
    let tenths = (Double(bytes) * 1e-8).rounded(.up)
    return "\(tenths / 10) GB"
  }
}

/// Something that a rank holds in memory.
public struct MemoryPart: Sendable {
  /// For people.
  public let name: String
  public let bytes: Int

  public init(_ name: String, _ bytes: Int) {
    self.name = name
    self.bytes = bytes
  }
}

public struct InsufficientMemory: Error, CustomStringConvertible {
  public let description: String
}
