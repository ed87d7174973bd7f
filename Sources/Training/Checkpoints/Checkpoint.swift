import Buffers
import Configuration
import Files
import MessagePassing

/// A whole checkpoint that a run can go on from: what its ranks wrote, on any number of ranks.
public struct Checkpoint {
  /// Its folder.
  public let path: String
  /// Ranks that wrote it.
  public let ranks: Int
  let text: CheckpointText

  /// Updates made before it.
  public var updates: Int { text.updates }

  private init(_ entry: CheckpointFolder.Entry, ranks: Int) throws {
    (path, self.ranks) = (entry.path, ranks)
    text = try CheckpointText(Self.part(0, of: ranks, in: path).text(), source: path)
  }

  /// The newest one that is whole, each byte of it checked. Collective; the same on every rank.
  ///
  /// - Parameters:
  ///   - folder: of the run.
  ///   - notice: gets, on rank 0, why newer ones are left out.
  /// - Returns: nil where there is none.
  /// - Throws: `CollectiveError` where a rank does not see what rank 0 does.
  public static func newest(in folder: String, _ world: Communicator, notice: (String) -> Void) throws -> Checkpoint? {
    var found: CheckpointFolder.Entry?
    if world.rank == 0 { found = newestWhole(in: CheckpointFolder(in: folder), notice) }
    let path = try world.broadcast(found?.path ?? "", root: 0)
    let numbers = try world.broadcast([found?.updates ?? 0, found?.ranks ?? 0], root: 0)
    guard numbers[1] > 0 else { return nil }
    let entry = CheckpointFolder.Entry(path: path, updates: numbers[0], ranks: numbers[1])
    return try world.agree { try Checkpoint(entry, ranks: numbers[1]) }
  }

  private static func newestWhole(in folder: CheckpointFolder, _ notice: (String) -> Void) -> CheckpointFolder.Entry? {
    folder.entries.first { entry in
      guard let ranks = entry.ranks else {
        notice("\(entry.path): not all ranks had written it: an older checkpoint is looked for")
        return false
      }
      do {
        for rank in 0..<ranks { try part(rank, of: ranks, in: entry.path).requireWhole() }
        _ = try Checkpoint(entry, ranks: ranks)
        return true
      } catch {
        notice("\(error): an older checkpoint is looked for")
        return false
      }
    }
  }

  /// The text of one rank's file, every byte of which was checked. Throws what is wrong with it.
  package static func text(ofFile path: String) throws -> String {
    let part = try CheckpointPart(path)
    try part.requireWhole()
    return try part.text()
  }

  /// Reads a text as a run that goes on would.
  ///
  /// - Parameter source: for errors.
  package static func check(text: String, source: String) throws { _ = try CheckpointText(text, source: source) }

  private static func part(_ rank: Int, of ranks: Int, in path: String) throws -> CheckpointPart {
    try CheckpointPart("\(path)/\(CheckpointFolder.fileName(rank: rank, of: ranks))")
  }

  /// Throws `CheckpointError` where it is another run's, with all keys that differ.
  func requireSame(_ run: RunConfiguration, checksum: String?) throws {
    try text.requireSame(run, checksum: checksum, at: path)
  }

  /// Makes the state what it was. On every rank.
  func restore(_ state: RunState) throws {
    state.takeOver(text)
    for rank in 0..<ranks {
      let part = try Self.part(rank, of: ranks, in: path)
      try part.read(into: Self.shares(of: state, rank: rank, of: ranks))
    }
  }

  /// What a rank alone has: nothing where others compute now than those that wrote it.
  func restoreOwn(_ crew: Crew) throws {
    guard crew.ranks == ranks else { return }
    let part = try Self.part(crew.rank, of: ranks, in: path)
    try part.read(into: crew.ownArrays)
  }

  /// A rank's share of what all have alike.
  static func shares(of state: RunState, rank: Int, of ranks: Int) -> [CheckpointPart.Array] {
    let kept = state.kept.map { kept in
      zip(state.arrays, kept.snapshot.arrays).map { (name: "kept.\($0.name)", tensor: $1) }
    }
    return (state.arrays + (kept ?? [])).map { name, tensor in
      (name, tensor.slice(CheckpointPart.range(tensor.count, rank: rank, of: ranks)))
    }
  }
}

extension RunState {
  /// All but arrays, for which there is room then.
  ///
  /// - Parameter keptEpoch: where the run has gone back to the weights that it kept, their epoch.
  func takeOver(_ text: CheckpointText, keptEpoch: Int? = nil) {
    if let epoch = text.kept?.epoch, epoch != kept?.epoch { keep(afterEpoch: epoch) }
    if let optimizers = text.kept?.optimizers { kept?.snapshot.optimizers = optimizers } else { kept = nil }
    updates = text.updates
    optimizerUpdates = text.optimizers
    account = text.account
    account.keptEpoch = keptEpoch
  }
}

extension Crew {
  /// What this rank alone has and needs to go on to the same bits.
  var ownArrays: [CheckpointPart.Array] {
    [("owedErrors", exchange.owedErrors), ("workers.owedErrors", team?.exchange?.owedErrors)]
      .compactMap { name, tensor in tensor.map { (name, $0) } }
  }
}

extension Checkpoint {
  /// For the user: what a run goes on from.
  public var words: String { "goes on after update \(updates), from \(path)" }

  /// A name for the checkpoints of this run on so many ranks, and no other's.
  public static func key(of run: RunConfiguration, ranks: Int) -> String {
    let leaves = ((try? ConfigurationLeaves.of(run)) ?? []).filter { !CheckpointText.mayDiffer($0.key) }
    let text = leaves.map { "\($0.key)=\($0.value)\n" }.joined() + "ranks=\(ranks)\n"
    return String(WeightsHash.sha256(text).prefix(16))
  }

  /// Removes all of a run's checkpoints, whole or not.
  public static func removeAll(in folder: String) { CheckpointFolder(in: folder).removeAll() }
}
