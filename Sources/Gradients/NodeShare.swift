import Buffers
import MessagePassing

/// A rank's part of what ranks of a host keep one copy of, and move together.
public struct NodeShare {
  private let rank: Int
  private let ranks: Int
  /// Of the host; nil where a rank has its own copy.
  let node: Communicator?

  /// All of it: of a rank that has its own copy.
  public static var whole: NodeShare { NodeShare(rank: 0, of: 1) }

  package init(rank: Int, of ranks: Int, on node: Communicator? = nil) {
    (self.rank, self.ranks, self.node) = (rank, ranks, node)
  }

  /// Whether a rank moves all by itself.
  var isWhole: Bool { ranks == 1 }

  /// Of the ranks that see it.
  public init(_ memory: SharedMemory) { self.init(rank: memory.node.rank, of: memory.node.size, on: memory.node) }

  /// This rank's part of a stretch of an array of floats, or of what has as many elements: whole cache lines of either, so that no two
  /// ranks write to one.
  public func part(of range: Range<Int>) -> Range<Int> {
    range.part(rank, of: ranks, unit: Self.unit)
  }

  /// Floats of a cache line.
  static let unit = AlignedMemory.alignment / MemoryLayout<Float>.stride

  /// This rank's part of so many things that lie anywhere.
  public func part(ofCount count: Int) -> Range<Int> { (0..<count).part(rank, of: ranks, unit: 1) }
}
