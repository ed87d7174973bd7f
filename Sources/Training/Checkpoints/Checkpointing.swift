import Configuration
import Files
import Foundation
import Measurement

/// What a run writes down on its way, so that another process can go on from there.
final class Checkpointing {
  let folder: CheckpointFolder
  let settings: CheckpointConfiguration
  var schedule: CheckpointSchedule
  private let writer = CheckpointWriter()
  /// Ranks that write: all, or the first alone where the others do not see its folder.
  private(set) var writers: Int
  /// One is due, and waits for a moment at which there is one state.
  var isPending = false
  /// The last one; nil before the first.
  private(set) var last: (updates: Int, isFull: Bool)?
  /// The folder of the last one; nil before the first.
  private(set) var lastPlace: String?
  /// The full one that others may refer to; nil where there is none that this process wrote.
  private(set) var full: Full?
  private var counter: UpdateCounter?
  /// Whether there is a counter, or could be none: until the next checkpoint nobody tries again.
  private var isCounterOpen = false

  struct Full {
    /// Its folder.
    let place: String
    /// What the numbers of this rank's file hash to; nil on ranks that write none, and until it is on the disk.
    fileprivate(set) var hash: String?
    /// How many checkpoints there are from it on, and their floats.
    fileprivate var (count, floats) = (0, 0)

    fileprivate init(_ place: String) { self.place = place }
  }

  init(_ settings: CheckpointConfiguration, _ folder: CheckpointFolder, writers: Int) {
    (self.settings, self.folder, self.writers) = (settings, folder, writers)
    schedule = CheckpointSchedule(settings.interval, now: MonotonicClock.seconds)
  }

  /// Some of those that wrote are gone, and what they had not written is of no use. One is due, of those who are left.
  func beginAnew(ranks: Int) {
    _ = writer.finish()
    writers = min(writers, ranks)
    (isPending, last, full) = (true, nil, nil)
  }

  /// Checkpoints that stay for good.
  func stays(_ updates: Int) -> Bool {
    guard let every = settings.keepEvery, case .steps(let steps) = settings.interval else { return false }
    return updates > 0 && updates % (steps * every) == 0
  }

  /// After each update, on the first rank.
  func count(_ updates: Int) {
    if !isCounterOpen {
      counter = UpdateCounter(folder.counterPath)
      isCounterOpen = true
    }
    counter?.store(updates)
  }

  /// The folder of a new one. On the first rank, once the last one is on the disk.
  ///
  /// One with changed rows alone grows from time to time. Bytes written are fewest where a full one comes in its place as soon as it
  /// would have more of them than those since the last full one have on average, that one included; and with more than half of a full
  /// one's bytes it would save less than it costs: two to be kept, and to be read.
  ///
  /// - Parameter floats: of a full one, and of one with changed rows alone; nil where there is no such.
  func place(updates: Int, floats: (full: Int, partial: Int?)) -> String {
    var over: String?
    // Those that stay for good need no other.
    if let full, let partial = floats.partial, !stays(updates), 2 * partial <= floats.full,
      partial * full.count <= full.floats, folder.mayRefer(to: full.place, keep: settings.keep)
    {
      over = full.place
    }
    return folder.place(updates: updates, id: UniqueName.make(), over: over)
  }

  /// Begins to write this rank's file, if it has one.
  ///
  /// - Parameters:
  ///   - pieces: copied before this returns.
  ///   - floats: of all ranks' pieces.
  func write(_ pieces: [CheckpointPiece]?, text: String, to place: String, rank: Int, updates: Int, floats: Int) {
    let isFull = folder.full(of: place) == nil
    if isFull { full = Full(place) }
    full?.count += 1
    full?.floats += floats
    (isPending, last, lastPlace) = (false, (updates, isFull), place)
    // Somebody may have removed the folder meanwhile.
    isCounterOpen = false
    guard let pieces else { return }
    writer.write(
      pieces, text: text, full: isFull ? nil : full?.hash, to: place,
      as: CheckpointFolder.fileName(rank: rank, of: writers))
  }

  /// Waits until this rank's file is on the disk.
  ///
  /// - Returns: why it is not; empty where it is.
  func finish() -> String {
    switch writer.finish() {
    case .failure(let failure): return failure.text
    case .success(let hash):
      if last?.isFull == true { full?.hash = hash }
      return ""
    case nil: return ""
    }
  }

  /// A rank's file of the last one is not on the disk: nothing may refer to it.
  func noteLost() { if last?.isFull == true { full = nil } }
}
