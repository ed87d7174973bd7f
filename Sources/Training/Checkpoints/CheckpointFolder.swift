import Files
import Foundation

/// The checkpoints of a run, each a folder of one file a rank: `checkpoints/update-000001000-ID/rank-0-of-2.safetensors`, below the run's
/// own folder.
package struct CheckpointFolder {
  /// One of them, whole or not.
  package struct Entry: Equatable {
    package let path: String
    /// Updates made before it.
    package let updates: Int
    /// Ranks whose files are all there; nil where some are missing.
    package let ranks: Int?
  }

  package static let name = "checkpoints"
  private static let (prefix, removed) = ("update-", ".removed-")

  package let path: String

  /// - Parameter folder: the run's.
  package init(in folder: String) { path = "\(folder)/\(Self.name)" }

  /// The folder of a new one.
  package func place(updates: Int, id: String) -> String {
    let digits = "\(updates)"
    return "\(path)/\(Self.prefix)\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits)-\(id)"
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
    guard parts.count == 2, let updates = Int(parts[0]), updates >= 0, UniqueName.isOne(parts[1]) else { return nil }
    let folder = "\(path)/\(name)"
    let files = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    let ranks = files.compactMap(Self.ranks).first { ranks in
      (0..<ranks).allSatisfy { files.contains(Self.fileName(rank: $0, of: ranks)) }
    }
    return Entry(path: folder, updates: updates, ranks: ranks)
  }

  /// How many ranks wrote, as the first one's file says.
  private static func ranks(_ file: String) -> Int? {
    let parts = file.split(separator: "-")
    guard parts.count == 4, let ranks = Int(parts[3].prefix { $0.isNumber }), (1...1 << 20).contains(ranks) else {
      return nil
    }
    return file == fileName(rank: 0, of: ranks) ? ranks : nil
  }

  /// Removes all that is older than the newest `keep` whole ones, but for those that stay for good.
  ///
  /// - Parameter stays: of updates.
  package func removeOld(keep: Int, except stays: (Int) -> Bool) {
    removeHidden()
    let all = entries
    let whole = all.filter { $0.ranks != nil }
    guard whole.count >= keep else { return }
    let oldest = whole[keep - 1]
    for entry in all where entry.updates < oldest.updates && !(entry.ranks != nil && stays(entry.updates)) {
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
    for entry in entries where entry.ranks == nil || !stays(entry.updates) { Self.remove(entry.path) }
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
