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
  /// The folder of the full one, of as many ranks, over which it is to be laid; nil for a full one.
  private let full: String?

  /// Updates made before it.
  public var updates: Int { text.updates }

  private init(_ path: String, over full: String?, ranks: Int) throws {
    (self.path, self.full, self.ranks) = (path, full, ranks)
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
    if world.rank == 0 {
      var search = CheckpointSearch(CheckpointFolder(in: folder))
      found = search.newest(notice)
    }
    let path = try world.broadcast(found?.path ?? "", root: 0)
    let full = try world.broadcast(found?.full ?? "", root: 0)
    let ranks = try world.broadcast(found?.ranks ?? 0, root: 0)
    guard ranks > 0 else { return nil }
    return try world.agree { try Checkpoint(path, over: full.isEmpty ? nil : full, ranks: ranks) }
  }

  /// Reads every byte of what its ranks wrote into its folder. Throws what is wrong with it.
  static func requireWhole(_ path: String, ranks: Int) throws {
    for rank in 0..<ranks { try part(rank, of: ranks, in: path).requireWhole() }
    _ = try Checkpoint(path, over: nil, ranks: ranks)
  }

  /// Throws where the files of one were not written over those of a full one; nil: of none.
  static func requireOver(_ path: String, _ full: String?, ranks: Int) throws {
    for rank in 0..<ranks {
      try part(rank, of: ranks, in: path).requireOver(full.map { try part(rank, of: ranks, in: $0) })
    }
  }

  /// The text of one rank's file, every byte of which was checked. Throws what is wrong with it.
  package static func text(ofFile path: String) throws -> String {
    let part = try CheckpointPart(path)
    try part.requireWhole()
    return try part.text()
  }

  /// The rows that one rank's file of a checkpoint of changed rows has. Throws what is wrong with it.
  package static func rows(ofFile path: String, tableRows: Int) throws -> [Int32] {
    try CheckpointPart(path).rowNumbers(rowNumbers, tableRows: tableRows)
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

  /// Makes the state what it was. On every rank, and of a run that has not begun.
  func restore(_ state: RunState) throws {
    guard let full else {
      state.takeOver(text)
      return try forEachPart(of: path) { part, rank in
        try part.read(into: Self.shares(of: state, rank: rank, of: ranks))
      }
    }
    try forEachPart(of: full) { part, rank in
      try part.read(into: Self.shares(of: state.arrays, rank: rank, of: ranks))
    }
    // What was put aside since then begins as the full one's present arrays.
    state.takeOver(text)
    let isKeptNew = try Self.part(0, of: ranks, in: path).has(Self.keptPrefix + Self.rowNumbers)
    if let kept = state.keptArrays, !isKeptNew {
      try forEachPart(of: full) { part, rank in
        try part.read(into: Self.shares(of: kept, Self.keptPrefix, rank: rank, of: ranks))
      }
    }
    try forEachPart(of: path) { part, rank in
      try readChanges(of: state, from: part, rank: rank, "", state.arrays)
      if let kept = state.keptArrays, isKeptNew {
        try readChanges(of: state, from: part, rank: rank, Self.keptPrefix, kept)
      }
    }
  }

  private func forEachPart(of path: String, _ body: (CheckpointPart, Int) throws -> Void) throws {
    for rank in 0..<ranks { try body(Self.part(rank, of: ranks, in: path), rank) }
  }

  private func readChanges(
    of state: RunState, from part: CheckpointPart, rank: Int, _ prefix: String, _ arrays: [RunState.NamedArray]
  ) throws {
    let (dense, byRow) = state.divided(arrays)
    try part.read(into: Self.shares(of: dense, prefix, rank: rank, of: ranks))
    try part.read(rowsOf: byRow.map { (prefix + $0.name, $0.tensor) }, numbers: prefix + Self.rowNumbers)
  }

  /// Updates that were made after it; nil where nobody knows.
  ///
  /// - Parameter total: of the run.
  func updatesLost(of total: Int) -> Int? {
    let made = UpdateCounter.read(CheckpointFolder(holding: path).counterPath)
    return made.flatMap { (updates...max(updates, total)).contains($0) ? $0 - updates : nil }
  }

  /// What a rank alone has: nothing where others compute now than those that wrote it.
  func restoreOwn(_ crew: Crew) throws {
    guard crew.ranks == ranks else { return }
    let part = try Self.part(crew.rank, of: ranks, in: path)
    try part.read(into: crew.ownArrays)
  }

  /// A rank's share of what all have alike.
  static func shares(of state: RunState, rank: Int, of ranks: Int) -> [CheckpointPart.Array] {
    shares(of: state.arrays, rank: rank, of: ranks)
      + shares(of: state.keptArrays ?? [], keptPrefix, rank: rank, of: ranks)
  }

  static func shares(
    of arrays: [RunState.NamedArray], _ prefix: String = "", rank: Int, of ranks: Int
  ) -> [CheckpointPart.Array] {
    arrays.map { (prefix + $0.name, $0.tensor.slice(CheckpointPart.range($0.tensor.count, rank: rank, of: ranks))) }
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
