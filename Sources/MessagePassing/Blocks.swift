/// How a buffer is divided among the ranks: rank r's block has `counts[r]` elements and follows those of lower ranks.
/// Made once by `Communicator.blocks` and used in any number of calls.
public final class Blocks {
  /// Elements of each rank's block, by rank.
  public private(set) var counts: [Int]
  /// In elements.
  public private(set) var total: Int
  let counts32: UnsafeMutablePointer<Int32>
  let displacements32: UnsafeMutablePointer<Int32>

  /// The total must fit in `Int32`.
  init(counts: [Int]) {
    self.counts = counts
    total = 0
    counts32 = .allocate(capacity: counts.count)
    displacements32 = .allocate(capacity: counts.count)
    place()
  }

  /// The total must fit in `Int32`.
  fileprivate func divide(_ count: (Int) -> Int) {
    for rank in counts.indices { counts[rank] = count(rank) }
    place()
  }

  private func place() {
    total = 0
    for rank in counts.indices {
      (counts32 + rank).initialize(to: Int32(counts[rank]))
      (displacements32 + rank).initialize(to: Int32(total))
      total += counts[rank]
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
    try requireTotalThatFits { counts[$0] }
    return Blocks(counts: counts)
  }

  /// Divides anew, with `count` elements for each rank, allocating nothing. Not while a call that was given these
  /// blocks is under way. Throws `MPIError` where the sum of the counts does not fit in `Int32`.
  public func divide(_ blocks: Blocks, _ count: (_ rank: Int) -> Int) throws {
    try requireTotalThatFits(count)
    blocks.divide(count)
  }

  private func requireTotalThatFits(_ count: (Int) -> Int) throws {
    var total = 0
    for rank in 0..<size {
      let count = count(rank)
      precondition(count >= 0, "the block of rank \(rank) has \(count) elements")
      total = total.addingReportingOverflow(count).overflow ? Int.max : total + count
    }
    _ = try whole(total, "division into blocks")
  }
}
