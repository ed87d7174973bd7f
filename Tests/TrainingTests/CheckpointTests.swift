import Configuration
import Foundation
import Testing
import Training

@Suite struct CheckpointTests {
  @Test func stepsAreCountedAndSecondsMeasured() {
    let steps = CheckpointSchedule(.steps(50), now: 0)
    #expect([0, 49, 50, 51, 100].map { steps.isDue(afterUpdates: $0, now: 1e9) } == [false, false, true, false, true])
    var seconds = CheckpointSchedule(.seconds(10), now: 5)
    #expect(!seconds.isDue(afterUpdates: 3, now: 14.9) && seconds.isDue(afterUpdates: 3, now: 15))
    seconds.note(stall: 1, now: 16)
    #expect(!seconds.isDue(afterUpdates: 3, now: 25.9) && seconds.isDue(afterUpdates: 3, now: 26))
  }

  /// √(2 × 2 s × 3,600 s) = 120 s; never less than a checkpoint takes, never more than the time between failures.
  @Test func intervalFollowsFromCostAndFailures() {
    var schedule = CheckpointSchedule(.auto(meanTimeBetweenFailures: 3600), now: 0)
    #expect(schedule.seconds == CheckpointSchedule.firstSeconds)
    schedule.note(stall: 2, now: 60)
    #expect(schedule.seconds == 120)
    schedule.note(stall: 10_000, now: 0)
    #expect(schedule.seconds == 3600)
    #expect(CheckpointSchedule(.auto(meanTimeBetweenFailures: 100), now: 0).seconds == 10)
  }

  /// Full checkpoints and those of changed rows take turns: the interval is not the last one's.
  @Test func intervalFollowsFromTheMeanCost() {
    var schedule = CheckpointSchedule(.auto(meanTimeBetweenFailures: 3600), now: 0)
    for stall in [3.0, 1, 2] { schedule.note(stall: stall, now: 0) }
    #expect(schedule.seconds == 120)
    for _ in 0..<40 { schedule.note(stall: 0.5, now: 0) }
    #expect(abs(schedule.seconds! - 60) < 1)
  }

  private func folder(_ checkpoints: [(updates: Int, ranks: Int, of: Int)]) throws -> (
    TemporaryFolder, CheckpointFolder
  ) {
    let folder = try TemporaryFolder()
    let all = CheckpointFolder(in: folder.url.path)
    for checkpoint in checkpoints {
      let place = all.place(updates: checkpoint.updates, id: "00000000000000ab")
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      for rank in 0..<checkpoint.ranks {
        let name = CheckpointFolder.fileName(rank: rank, of: checkpoint.of)
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(place)/\(name)"))
      }
    }
    return (folder, all)
  }

  @Test func newestIsFirstAndWholeOnlyWithAllRanks() throws {
    let (temporary, all) = try folder([(300, 2, 2), (1_000_000_000_000, 1, 3), (20, 12, 12)])
    try FileManager.default.createDirectory(atPath: "\(all.path)/other", withIntermediateDirectories: true)
    #expect(all.entries.map(\.updates) == [1_000_000_000_000, 300, 20])
    #expect(all.entries.map(\.ranks) == [nil, 2, 12])
    _ = temporary
  }

  @Test func olderOnesGoAndSomeStay() throws {
    let (temporary, all) = try folder([(100, 2, 2), (200, 2, 2), (250, 1, 2), (300, 2, 2), (400, 2, 2), (500, 1, 2)])
    all.removeOld(keep: 2) { $0 == 100 }
    // The one that is being written is newer than all whole ones.
    #expect(all.entries.map(\.updates) == [500, 400, 300, 100])
    all.removeOld(keep: 3) { _ in false }
    #expect(all.entries.map(\.updates) == [500, 400, 300, 100])
    all.removeNewer(than: 400)
    #expect(all.entries.map(\.updates) == [400, 300, 100])
    all.removeAll { $0 == 100 }
    #expect(all.entries.map(\.updates) == [100])
    all.removeAll()
    #expect(!FileManager.default.fileExists(atPath: all.path))
    _ = temporary
  }

  /// Whatever stands in its place, nothing fails by it.
  @Test func updatesAreCounted() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("updates").path
    #expect(UpdateCounter.read(path) == nil)
    do {
      let counter = try #require(UpdateCounter(path))
      for updates in [7, 70_000, 70_001] { counter.store(updates) }
      #expect(UpdateCounter.read(path) == 70_001)
      #expect(truncate(path, 3) == 0 && UpdateCounter.read(path) == nil)
      counter.store(5)
      #expect(UpdateCounter.read(path) == 5)
      #expect(unlink(path) == 0)
      counter.store(6)
    }
    #expect(UpdateCounter.read(path) == nil && UpdateCounter(folder.url.path) == nil)
    for bytes in [Data(), Data(repeating: 1, count: 9), Data(repeating: 0xFF, count: 8)] {
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(UpdateCounter.read(path) == nil)
    }
    #expect(unlink(path) == 0 && mkfifo(path, 0o600) == 0 && UpdateCounter.read(path) == nil)
  }

  @Test func whatAKilledProcessHalfRemovedGoes() throws {
    let (temporary, all) = try folder([(100, 2, 2)])
    let rest = "\(all.path)/.removed-00000000000000cd"
    try FileManager.default.createDirectory(atPath: rest, withIntermediateDirectories: true)
    all.removeOld(keep: 1) { _ in false }
    #expect(!FileManager.default.fileExists(atPath: rest) && all.entries.count == 1)
    _ = temporary
  }
}
