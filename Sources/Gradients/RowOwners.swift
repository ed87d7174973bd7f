import Buffers
import MessagePassing

/// Which rank of a host moves which row of a table, all of a model's tables alike.
struct RowOwners {
  enum Rule: Equatable {
    /// Each rank moves a range of the rows, as `NodeShare.part` has it, in so many pieces of the table: where all rows move.
    case range(units: Int)
    /// Rows are dealt out by a hash, the same on all hosts. Those on one cache line, where a row is a float, have one owner.
    case hash
    /// A rank that touched the row, since it has it near its processor: of several the first from one on that a hash says.
    case touches
  }

  /// Of the host.
  let node: Communicator
  let rule: Rule
  var count: Int { node.size }

  /// Ranks of more would look up each other's ids for long, and few rows are touched by one of them alone.
  private static let mostRanksThatLook = 4

  /// Nil where a rank moves all.
  ///
  /// - Parameter tableRows: where all rows move; nil where those move alone that were touched.
  init?(_ share: NodeShare, tableRows: Int?, isOneHost: Bool) {
    guard let node = share.node else { return nil }
    self.node = node
    if let tableRows {
      rule = .range(units: (tableRows + NodeShare.unit - 1) / NodeShare.unit)
    } else {
      rule = isOneHost && node.size <= Self.mostRanksThatLook ? .touches : .hash
    }
  }

  /// Of a row that a rank has touched, as far as it knows before it has heard of others.
  func owner(of id: Int32, touchedBy rank: Int) -> Int {
    switch rule {
    case .range(let units): ((Int(id) / NodeShare.unit &+ 1) &* count &- 1) / units
    case .hash: dealt(Int(id) / NodeShare.unit)
    case .touches: rank
    }
  }

  /// Who of two that touched a row moves it.
  func owner(of id: Int32, touchedBy rank: Int, and other: Int) -> Int {
    let first = dealt(Int(id))
    func distance(_ rank: Int) -> Int { rank >= first ? rank &- first : rank &- first &+ count }
    return distance(other) < distance(rank) ? other : rank
  }

  /// The upper half of a product with 2⁶⁴ ÷ the golden ratio, brought to as many numbers as there are ranks.
  private func dealt(_ number: Int) -> Int {
    let hash = (UInt64(UInt32(truncatingIfNeeded: number)) &* 0x9E37_79B9_7F4A_7C15) &>> 32
    return Int(truncatingIfNeeded: (hash &* UInt64(truncatingIfNeeded: count)) &>> 32)
  }
}

/// Who moves each of a rank's rows in a step. Once it has grown to what steps need, it allocates nothing.
struct OwnedRows {
  private let owners: RowOwners
  private let rank: Int
  /// Of each row, by its number.
  private var ownerMemory = AlignedMemory(byteCount: 0)
  private var otherMemory = AlignedMemory(byteCount: 0)
  private var rows = 0
  private var otherCount = 0
  /// Numbers of a stretch's rows.
  private let stretchMemory: AlignedMemory
  /// Where the next row of each owner comes.
  private let placeMemory: AlignedMemory

  /// - Parameter stretch: rows of it, at most.
  init(_ owners: RowOwners, rank: Int, stretch: Int) {
    (self.owners, self.rank) = (owners, rank)
    stretchMemory = AlignedMemory(byteCount: stretch * MemoryLayout<Int32>.stride)
    placeMemory = AlignedMemory(byteCount: owners.count * MemoryLayout<Int>.stride)
  }

  /// The rank's rows of a step.
  mutating func begin(_ ids: UnsafeBufferPointer<Int32>) {
    rows = ids.count
    otherCount = 0
    let bytes = rows * MemoryLayout<Int32>.stride
    if ownerMemory.byteCount < bytes {
      ownerMemory = AlignedMemory(byteCount: bytes + bytes / 8)
      otherMemory = AlignedMemory(byteCount: bytes + bytes / 8)
    }
    let (owners, ownerOf, rank) = (owners, Self.words(ownerMemory), rank)
    for number in ids.indices {
      ownerOf[number] = Int32(truncatingIfNeeded: owners.owner(of: ids[number], touchedBy: rank))
    }
  }

  /// Some rows that another rank touched.
  func learn(that other: Int, touched ids: UnsafeBufferPointer<Int32>, _ own: TouchedRows) {
    let (owners, ownerOf, numbers) = (owners, Self.words(ownerMemory), Self.words(stretchMemory))
    own.find(ids, numbers: numbers)
    for index in ids.indices where numbers[index] >= 0 {
      let number = Int(numbers[index])
      let owner = owners.owner(of: ids[index], touchedBy: Int(ownerOf[number]), and: other)
      ownerOf[number] = Int32(truncatingIfNeeded: owner)
    }
  }

  /// All that there is to know is known.
  mutating func listOthers() {
    let (ownerOf, others, rank) = (Self.words(ownerMemory), Self.words(otherMemory), Int32(truncatingIfNeeded: rank))
    var count = 0
    for number in 0..<rows where ownerOf[number] != rank {
      others[count] = Int32(truncatingIfNeeded: number)
      count &+= 1
    }
    otherCount = count
  }

  /// Numbers of the rows that others move; they rise.
  var others: UnsafeBufferPointer<Int32> { .init(start: Self.words(otherMemory), count: otherCount) }

  /// Numbers of some of these, those of one owner side by side.
  ///
  /// - Parameter starts: gets where each owner's start, and the end.
  func sort(_ places: Range<Int>, starts: UnsafeMutablePointer<Int>) -> UnsafeBufferPointer<Int32> {
    let (others, ownerOf, sorted) = (others, Self.words(ownerMemory), Self.words(stretchMemory))
    let next = placeMemory.baseAddress.assumingMemoryBound(to: Int.self)
    next.update(repeating: 0, count: owners.count)
    for place in places { next[Int(ownerOf[Int(others[place])])] += 1 }
    starts[0] = 0
    for owner in 0..<owners.count {
      starts[owner + 1] = starts[owner] + next[owner]
      next[owner] = starts[owner]
    }
    for place in places {
      let owner = Int(ownerOf[Int(others[place])])
      sorted[next[owner]] = others[place]
      next[owner] += 1
    }
    return UnsafeBufferPointer(start: sorted, count: places.count)
  }

  private static func words(_ memory: AlignedMemory) -> UnsafeMutablePointer<Int32> {
    memory.baseAddress.assumingMemoryBound(to: Int32.self)
  }
}
