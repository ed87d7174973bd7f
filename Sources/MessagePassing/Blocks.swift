/// How a buffer is divided among the ranks: rank r's block has `counts[r]` elements and follows those of lower ranks.
/// Made once by `Communicator.blocks` and used in any number of calls.
public final class Blocks: Sendable {
  public let counts: [Int]
  /// In elements.
  public let total: Int
  nonisolated(unsafe) let counts32: UnsafeMutablePointer<Int32>
  nonisolated(unsafe) let displacements32: UnsafeMutablePointer<Int32>

  /// The total must fit in `Int32`.
  init(counts: [Int]) {
    self.counts = counts
    total = counts.reduce(0, +)
    counts32 = .allocate(capacity: counts.count)
    displacements32 = .allocate(capacity: counts.count)
    var start = 0
    for (rank, count) in counts.enumerated() {
      (counts32 + rank).initialize(to: Int32(count))
      (displacements32 + rank).initialize(to: Int32(start))
      start += count
    }
  }

  deinit {
    counts32.deallocate()
    displacements32.deallocate()
  }

  /// Where `rank`'s block lies, in elements.
  public func range(of rank: Int) -> Range<Int> {
    let start = Int(displacements32[rank])
    return start..<start + counts[rank]
  }
}

extension Communicator {
  /// - Parameter counts: elements of each rank's block. Their sum must fit in `Int32`, or this throws `MPIError`.
  public func blocks(_ counts: [Int]) throws -> Blocks {
    precondition(counts.count == size, "\(counts.count) block counts for \(size) ranks")
    precondition(counts.allSatisfy { $0 >= 0 }, "a block count is negative: \(counts)")
    var total = 0
    for count in counts {
      total = total.addingReportingOverflow(count).overflow ? Int.max : total + count
    }
    _ = try whole(total, "division into blocks")
    return Blocks(counts: counts)
  }
}
