import Files
import Foundation

/// The checkpoints of a run, each a folder of one file a rank: `checkpoints/update-000001000-ID/rank-0-of-2.safetensors`, below the run's
/// own folder. One that has only the rows that changed since a full one says so in its name: `update-000001200-ID-over-000001000-ID`.
package struct CheckpointFolder {
  /// One of them, whole or not.
  package struct Entry: Equatable {
    package let path: String
    /// Updates made before it.
    package let updates: Int
    /// Ranks whose files are all there; nil where some are missing.
    package let ranks: Int?
    /// The folder of the full one that it refers to; nil for a full one.
    package var full: String?

    /// The folder of the full one without which this one is nothing.
    fileprivate var root: String { full ?? path }
  }

  package static let name = "checkpoints"
  private static let (prefix, over, removed) = ("update-", "over", ".removed-")

  package let path: String

  /// The file that says how many updates the run has made (`UpdateCounter`).
  package var counterPath: String { "\(path)/.updates" }

  /// - Parameter folder: the run's.
  package init(in folder: String) { path = "\(folder)/\(Self.name)" }

  /// - Parameter checkpoint: the folder of one of them.
  init(holding checkpoint: String) { path = PathParts.folder(of: checkpoint) }

  /// The folder of a new one.
  ///
  /// - Parameter full: the folder of the full one that it refers to; nil for a full one.
  package func place(updates: Int, id: String, over full: String? = nil) -> String {
    let digits = "\(updates)"
    let name = "\(Self.prefix)\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits)-\(id)"
    let rest = full.map { "-\(Self.over)-\(PathParts.name(of: $0).dropFirst(Self.prefix.count))" } ?? ""
    return "\(path)/\(name)\(rest)"
  }

  /// The folder of the full one that a checkpoint's folder refers to, as its name says; nil for a full one.
  package func full(of place: String) -> String? {
    let parts = PathParts.name(of: place).dropFirst(Self.prefix.count).split(separator: "-")
    return parts.count == 5 ? "\(path)/\(Self.prefix)\(parts[3])-\(parts[4])" : nil
  }

  package static func fileName(rank: Int, of ranks: Int) -> String { "rank-\(rank)-of-\(ranks).safetensors" }

  /// The newest first.
  package var entries: [Entry] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.compactMap(entry).sorted { ($0.updates, $0.path) > ($1.updates, $1.path) }
  }

  private func entry(_ name: String) -> Entry? {
    guard name.hasPrefix(Self.prefix) else { return nil }
    let parts = name.dropFirst(Self.prefix.count).split(separator: "-")
    let isFull = parts.count == 2
    guard isFull || parts.count == 5 && parts[2] == Self.over && Self.updates(parts[3...]) != nil,
      let updates = Self.updates(parts[...1])
    else { return nil }
    let folder = "\(path)/\(name)"
    let files = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    let ranks = files.compactMap(Self.ranks).first { ranks in
      (0..<ranks).allSatisfy { files.contains(Self.fileName(rank: $0, of: ranks)) }
    }
    return Entry(path: folder, updates: updates, ranks: ranks, full: full(of: folder))
  }

  /// - Parameter parts: of a name: updates and an id.
  private static func updates(_ parts: ArraySlice<Substring>) -> Int? {
    guard parts.count == 2, let updates = Int(parts.first!), updates >= 0, UniqueName.isOne(parts.last!) else {
      return nil
    }
    return updates
  }

  /// How many ranks wrote, as the first one's file says.
  private static func ranks(_ file: String) -> Int? {
    let parts = file.split(separator: "-")
    guard parts.count == 4, let ranks = Int(parts[3].prefix { $0.isNumber }), (1...1 << 20).contains(ranks) else {
      return nil
    }
    return file == fileName(rank: 0, of: ranks) ? ranks : nil
  }

  /// Whole ones, the full ones that they refer to with them; the newest first.
  private func usable(_ entries: [Entry]) -> [Entry] {
    let whole = entries.filter { $0.ranks != nil }
    return whole.filter { entry in entry.full == nil || whole.contains { $0.path == entry.full } }
  }

  /// Whether a new one may refer to a full one: it is there, and another that can be gone on from does without it, so that whatever
  /// one file is damaged, something is left. Where one alone is to be kept, that is not asked for.
  package func mayRefer(to full: String, keep: Int) -> Bool {
    let usable = usable(entries)
    return usable.contains { $0.path == full } && (keep == 1 || usable.contains { $0.root != full })
  }

  /// Removes all that is older than the newest `keep` whole ones, but for what they refer to and those that stay for good. Where all
  /// of several newest rest on one full one, the newest that does without it stays too.
  ///
  /// - Parameter stays: of updates.
  package func removeOld(keep: Int, except stays: (Int) -> Bool) {
    removeHidden()
    let all = entries
    let usable = usable(all)
    guard usable.count >= keep else { return }
    let newest = usable.prefix(keep)
    var staying = newest + usable.filter { stays($0.updates) }
    if keep > 1, Set(newest.map(\.root)).count == 1, let other = usable.first(where: { $0.root != newest[0].root }) {
      staying.append(other)
    }
    let paths = Set(staying.flatMap { [$0.path, $0.root] })
    for entry in all where entry.updates < newest.last!.updates && !paths.contains(entry.path) {
      Self.remove(entry.path)
    }
  }

  /// Removes what a run that goes on after so many updates has passed over: damaged, or not all there.
  package func removeNewer(than updates: Int) {
    for entry in entries where entry.updates > updates { Self.remove(entry.path) }
  }

  /// Removes all but those that stay for good.
  package func removeAll(except stays: (Int) -> Bool = { _ in false }) {
    removeHidden()
    let all = entries
    let paths = Set(usable(all).filter { stays($0.updates) }.flatMap { [$0.path, $0.root] })
    for entry in all where !paths.contains(entry.path) { Self.remove(entry.path) }
    unlink(counterPath)
    // Only where nothing is left in it.
    rmdir(path)
  }

  /// Out of sight first, so that one that is half removed is never taken for one that is.
  private static func remove(_ path: String) {
    let hidden = "\(PathParts.folder(of: path))/\(removed)\(UniqueName.make())"
    guard rename(path, hidden) == 0 else { return }
    try? FileManager.default.removeItem(atPath: hidden)
  }

  /// What a process left that was killed while it removed.
  private func removeHidden() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where name.hasPrefix(Self.removed) {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }
}
