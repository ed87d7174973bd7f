import Buffers
import Foundation
import Testing
import Training

/// Which rows changed, how a file has their numbers, and which checkpoints must stay while others refer to them.
@Suite struct ChangedRowsTests {
  private static func ids(_ count: Int, rows: Int, seed: UInt64) -> [Int32] {
    let random = Philox(seed, 0)
    return (0..<count).map { Int32(Double(Philox.unit(random.block(UInt64($0), 0).x)) * Double(rows - 1)) }
  }

  @Test(arguments: [1, 63, 64, 65, 1000, 100_000]) func membersAreWhatWasInserted(rows: Int) {
    let (set, expected) = (RowSet(rows: rows), Self.ids(500, rows: rows, seed: 3))
    expected.withUnsafeBufferPointer { set.insert($0) }
    let sorted = Set(expected).sorted()
    #expect(set.count == sorted.count && set.members(0..<set.count) == sorted)
    for ranks in [2, 3, 7] {
      let parts = (0..<ranks).map { set.members(set.count * $0 / ranks..<set.count * ($0 + 1) / ranks) }
      #expect(Array(parts.joined()) == sorted)
    }
    let copy = RowSet(copying: set)
    set.insertAll()
    #expect(set.members(0..<rows) == Array(0..<Int32(rows)) && copy.count == sorted.count)
    set.removeAll()
    #expect(set.count == 0 && set.members(0..<0) == [])
  }

  @Test(arguments: [1, 2, 100, 5000, 200_000, Int(Int32.max)]) func numbersComeBackFromTheirBytes(rows: Int) {
    for count in [0, 1, 40, 3000] {
      let numbers = Set(Self.ids(count, rows: rows, seed: 5) + (count > 1 ? [0, Int32(rows - 1)] : [])).sorted()
      #expect(RowNumbers.decoded(RowNumbers.encoded(numbers), tableRows: rows) == numbers)
    }
  }

  /// One byte a row, or two, where rows are nearer than 128, or 16,384.
  @Test func numbersTakeLittle() {
    #expect(RowNumbers.encoded(Array(0..<1000)).count == 1000)
    #expect(RowNumbers.encoded((0..<1000).map { $0 * 128 }).count == 1000)
    #expect(RowNumbers.encoded((1...1000).map { $0 * 16_384 - 1 }).count == 2000)
  }

  @Test func otherBytesAreNoNumbers() {
    let unfinished: [UInt8] = [3, 0x80]
    let beyond: [UInt8] = [3, 96]
    let tooLong: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]
    for bytes in [unfinished, beyond, tooLong] { #expect(RowNumbers.decoded(bytes, tableRows: 100) == nil) }
    #expect(RowNumbers.decoded([3, 95], tableRows: 100) == [3, 99])
  }

  private struct Folder {
    let temporary: TemporaryFolder
    let all: CheckpointFolder

    init() throws {
      temporary = try TemporaryFolder()
      all = CheckpointFolder(in: temporary.url.path)
    }

    @discardableResult func add(_ updates: Int, over full: String? = nil, ranks: Int = 2) throws -> String {
      let place = all.place(updates: updates, id: "00000000000000ab", over: full)
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      for rank in 0..<ranks {
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(place)/\(CheckpointFolder.fileName(rank: rank, of: 2))"))
      }
      return place
    }

    var updates: [Int] { all.entries.map(\.updates) }
  }

  @Test func aNameSaysWhatItRefersTo() throws {
    let folder = try Folder()
    let full = try folder.add(1_000_000_000_000)
    let other = try folder.add(1_000_000_000_007, over: full)
    #expect(folder.all.entries.map(\.path) == [other, full] && folder.all.entries.map(\.full) == [full, nil])
    for name in ["update-1-00000000000000ab-over-2", "update-1-00000000000000ab-under-2-00000000000000ab"] {
      try FileManager.default.createDirectory(atPath: "\(folder.all.path)/\(name)", withIntermediateDirectories: true)
    }
    #expect(folder.updates.count == 2)
  }

  @Test func whatOthersReferToStays() throws {
    let folder = try Folder()
    try folder.add(1)
    let full = try folder.add(2)
    for updates in 3...5 { try folder.add(updates, over: full) }
    folder.all.removeOld(keep: 2) { _ in false }
    #expect(folder.updates == [5, 4, 2, 1])
    let next = try folder.add(6)
    folder.all.removeOld(keep: 2) { _ in false }
    #expect(folder.updates == [6, 5, 2], "the one of before may go once another full one is there")
    for updates in 7...8 { try folder.add(updates, over: next) }
    folder.all.removeOld(keep: 2) { _ in false }
    #expect(folder.updates == [8, 7, 6, 5, 2], "and the newest over the full one of before stays with it")
    folder.all.removeOld(keep: 1) { _ in false }
    #expect(folder.updates == [8, 6])
    folder.all.removeAll { $0 == 8 }
    #expect(folder.updates == [8, 6], "for good, with what it refers to")
    folder.all.removeAll()
    #expect(!FileManager.default.fileExists(atPath: folder.all.path))
  }

  @Test func oneWithoutItsFullOneIsOfNoUse() throws {
    let folder = try Folder()
    let full = try folder.add(2)
    #expect(!folder.all.mayRefer(to: full, keep: 2), "nothing else is there")
    #expect(folder.all.mayRefer(to: full, keep: 1))
    let older = try folder.add(1)
    #expect(folder.all.mayRefer(to: full, keep: 2))
    try folder.add(3, over: full)
    try FileManager.default.removeItem(atPath: full)
    #expect(!folder.all.mayRefer(to: full, keep: 1), "it is not there")
    folder.all.removeOld(keep: 1) { _ in false }
    #expect(folder.updates == [3, 1], "the newest that can be gone on from is older")
    try folder.add(4, over: older)
    folder.all.removeOld(keep: 1) { _ in false }
    #expect(folder.updates == [4, 1])
  }

  /// Runs of checkpoints, full or not as chance has it, some lost and some stopped in their middle: from the second full one on there is
  /// one left whichever folder is damaged.
  @Test(arguments: 1...40) func oneIsLeftWhicheverIsDamaged(seed: UInt64) throws {
    var chance = Chance(seed)
    let folder = try Folder()
    let keep = 2 + chance.below(3)
    var (full, fulls): (String?, Int) = (nil, 0)
    for updates in 1...60 {
      // A new process refers to nothing that another wrote.
      if chance.oneIn(12) { full = nil }
      let over = full.flatMap { !chance.oneIn(8) && folder.all.mayRefer(to: $0, keep: keep) ? $0 : nil }
      let isLost = chance.oneIn(6)
      let place = try folder.add(updates, over: over, ranks: isLost ? 1 : 2)
      if over == nil { full = isLost ? nil : place }
      if isLost { continue }
      if over == nil { fulls += 1 }
      folder.all.removeOld(keep: keep) { $0 % 20 == 0 }
      let entries = folder.all.entries
      #expect(entries.allSatisfy { entry in entry.full == nil || entries.contains { $0.path == entry.full } })
      let whole = entries.filter { $0.ranks != nil }
      #expect(whole.count <= 2 * keep + 2 + updates / 10, "\(entries)")
      guard fulls > 1 else { continue }
      for damaged in entries {
        #expect(
          entries.contains { $0.ranks != nil && $0.path != damaged.path && $0.full != damaged.path },
          "all rest on \(damaged.path) of \(entries)")
      }
    }
  }

  private struct Chance {
    let seed: UInt64
    private var drawn: UInt64 = 0

    init(_ seed: UInt64) { self.seed = seed }

    /// True once in so many times.
    mutating func oneIn(_ count: UInt32) -> Bool { below(count) == 0 }

    mutating func below(_ count: UInt32) -> Int {
      drawn += 1
      return Int(Philox(seed, 1).block(drawn, 0).x % count)
    }
  }
}
