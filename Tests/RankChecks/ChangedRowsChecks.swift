import Configuration
import Foundation
import MessagePassing
import Training

/// Checkpoints of tables with the rows alone that changed since a full one.
let changedRowsChecks =
  runsOfChangedRows.map { run in
    RankCheck("a run goes on from a checkpoint of changed rows: the same bits: \(run.name)") { world in
      try goOnFromChangedRows(run, world)
    }
  } + [
    RankCheck("checkpoints of changed rows go on on other ranks: the same bits", changedRowsOnOtherRanks),
    RankCheck("bytes of tables in a checkpoint are those of the rows that changed", bytesOfChangedRows),
    RankCheck("where every row changes, checkpoints are full", fullWhereAllRowsChange),
    RankCheck("a damaged or missing full checkpoint is passed over with all that refer to it", damagedFullOnes),
    RankCheck("nothing refers to a full checkpoint that was lost", lostFullOnes),
    RankCheck("a full one comes in place of many changed rows, and one of before stays", compacted),
  ]

/// Ten steps in epochs of five on so large a table that each step changes a small part of it.
private func clicks(
  _ name: String, _ optimizer: TablesConfiguration.Optimizer, embedding: Int = 4, rows: Int = 20_000,
  _ change: (inout RunConfiguration) -> Void = { _ in }
) -> ResumedRun {
  ResumedRun(
    name: name,
    configuration: tableConfiguration {
      $0.data.path = "made up"
      $0.model = .click(.init(kind: .factorizationMachine, embedding: embedding))
      $0.tables = .init(optimizer: optimizer)
      change(&$0)
    }, rows: rows)
}

private func keepBest(_ configuration: inout RunConfiguration) {
  configuration.data.validation = .init(.fraction(0.2), seed: 1)
  configuration.evaluation.keep = .best
  // So high a rate that the first epoch's stay the best.
  configuration.learningRate.base = 0.5
}

private let runsOfChangedRows: [ResumedRun] =
  TablesConfiguration.Optimizer.allCases.filter { $0 != .adam }.map { clicks($0.rawValue, $0) } + [
    clicks("one copy of the tables on a host", .lazyAdam) { $0.execution.arenas = .shared },
    clicks("the best weights are kept", .lazyAdam, keepBest),
    clicks("the best weights are kept, row-wise Adagrad", .rowwiseAdagrad, keepBest),
    clicks("a deep network beside, L2, CowClip, gathered", .lazyAdam) {
      var model = ClickModelConfiguration(kind: .deepfm, embedding: 4)
      model.widths = [16]
      $0.model = .click(model)
      $0.tables.l2 = 1e-4
      $0.tables.cowClip = .init(ratio: 0.5, floor: 1e-3)
      $0.execution.tableExchange = .sparse
    },
  ]

/// A checkpoint after every update.
private let always = CheckpointConfiguration(.steps(1))

/// Trains up to so many updates from the newest checkpoint, if there is one; then stops as if it had been killed.
///
/// - Returns: checkpoints that are there then, the newest first.
@discardableResult
private func train(
  _ run: ResumedRun, _ ranks: Communicator, in folder: String, until updates: Int,
  _ checkpoint: CheckpointConfiguration = always
) throws -> [CheckpointFolder.Entry] {
  let newest = try Checkpoint.newest(in: folder, ranks) { print($0) }
  var configuration = run.configuration
  configuration.checkpoint = checkpoint
  let trainer = try Trainer(
    configuration, resuming: newest, session(run, ranks, ThreadPlan(requested: nil, ranks)))
  try stop(trainer, ranks, in: folder, after: updates)
  return CheckpointFolder(in: folder).entries
}

/// Goes on from the newest to the end, and expects what a run leaves that never stopped.
private func expectSame(
  _ run: ResumedRun, _ ranks: Communicator, in folder: String, from updates: [Int], as expected: RunRecord
) throws {
  let newest = try Checkpoint.newest(in: folder, ranks) { print($0) }
  let threads = try ThreadPlan(requested: nil, ranks)
  let record = try Trainer(run.configuration, resuming: newest, session(run, ranks, threads)).run(command: "")
  try expectEqual(record.resumptions?.map(\.updates), updates, "updates before it went on")
  try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
  try expectEqual(record.keptEpoch, expected.keptEpoch, "the kept epoch")
  try expectEqual(record.epochs.map(\.training.accuracy), expected.epochs.map(\.training.accuracy), "accuracies")
  try expectEqual(
    record.epochs.map(\.validation?.areaUnderCurve), expected.epochs.map(\.validation?.areaUnderCurve), "validation")
}

private func undisturbed(_ run: ResumedRun, _ ranks: Communicator) throws -> RunRecord {
  try Trainer(run.configuration, session(run, ranks, ThreadPlan(requested: nil, ranks))).run(command: "")
}

/// Twice: weights that are kept after the first epoch were put aside after the full one that the first refers to, and before the
/// full one that the second does.
private func goOnFromChangedRows(_ run: ResumedRun, _ world: Communicator) throws {
  let expected = try undisturbed(run, world)
  try expectEqual(expected.keptEpoch, run.configuration.evaluation.keep == .best ? 1 : nil, "the kept epoch")
  try withFolder(world) { folder in
    let first = try train(run, world, in: folder, until: 8)
    try expectEqual(first.map(\.updates), [7, 6, 2, 1], "updates of checkpoints")
    try expectEqual(first.map { $0.full == nil }, [false, false, true, true], "full ones")
    try expect(first[0].full == first[2].path && first[1].full == first[2].path, "they refer to the newest full one")
    try world.barrier()
    let second = try train(run, world, in: folder, until: 10)
    try expectEqual(second.map(\.updates), [9, 8, 7, 2], "updates of checkpoints")
    try expectEqual(second.map { $0.full == nil }, [false, true, false, true], "full ones")
    try world.barrier()
    try expectSame(run, world, in: folder, from: [7, 9], as: expected)
  }
}

private let reproducible = clicks("", .lazyAdam) {
  $0.execution.summation = .reproducible
  keepBest(&$0)
}

/// Written by all and gone on on each alone; written by one and gone on on all.
private func changedRowsOnOtherRanks(_ world: Communicator) throws {
  let expected = try undisturbed(reproducible, alone(world))
  try withFolder(world) { folder in
    let found = try train(reproducible, world, in: folder, until: 8)
    try expect(found[0].full != nil, "a full one")
    try world.barrier()
    try expectSame(reproducible, alone(world), in: folder, from: [7], as: expected)
  }
  try withFolder(world) { folder in
    if let first = try world.split(color: world.rank == 0 ? 0 : nil) {
      try train(reproducible, first, in: folder, until: 8)
    }
    try world.barrier()
    try expectSame(reproducible, world, in: folder, from: [7], as: expected)
  }
}

/// What the files of a checkpoint say that they have of tables, the rows' numbers included.
private func tableBytes(_ entry: CheckpointFolder.Entry) throws -> Int {
  try (0..<entry.ranks!).reduce(0) { sum, rank in
    let file = URL(fileURLWithPath: "\(entry.path)/\(CheckpointFolder.fileName(rank: rank, of: entry.ranks!))")
    return try SafeTensors.contents(of: file).reduce(sum) { sum, array in
      let isTable = array.name == "rows" || array.name.hasPrefix("weights.") || array.name.hasPrefix("tables.")
      return sum + (isTable ? array.shape.reduce(array.type == "U8" ? 1 : MemoryLayout<Float>.stride, *) : 0)
    }
  }
}

/// The rows that changed are counted by their weights, and not by what marked them.
private func bytesOfChangedRows(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  for (embedding, rows, optimizer, states) in [
    (8, 200_000, TablesConfiguration.Optimizer.sgd, 0), (8, 5_000, .sgd, 0), (16, 200_000, .lazyAdam, 2),
    (16, 5_000, .adagrad, 1),
  ] {
    let run = clicks("", optimizer, embedding: embedding, rows: rows)
    var configuration = run.configuration
    configuration.checkpoint = always
    let trainer = try Trainer(configuration, session(run, world, threads))
    try withFolder(world) { folder in
      _ = try trainer.writeCheckpoints(in: folder)
      try trainer.train(until: 2)
      let before = trainer.layout.tables.map { trainer.parameters.slice($0.range).values }
      try trainer.train(until: 7)
      let after = trainer.layout.tables.map { trainer.parameters.slice($0.range).values }
      try trainer.train(until: 8)
      try trainer.settleCheckpoint { _ in }
      try world.barrier()
      let newest = CheckpointFolder(in: folder).entries[0]
      try expect(newest.updates == 7 && newest.full?.contains("update-000000002-") == true, "\(newest)")
      let changed = (0..<rows).count { row in
        zip(trainer.layout.tables, zip(before, after)).contains { table, values in
          let width = table.parameter.shape[1]
          return values.0[row * width..<(row + 1) * width] != values.1[row * width..<(row + 1) * width]
        }
      }
      let needed = changed * (embedding + 1) * (1 + states) * MemoryLayout<Float>.stride
      let bytes = try tableBytes(newest)
      try expect(
        changed > 100 && bytes >= needed && Double(bytes) <= 1.1 * Double(needed),
        "\(bytes) bytes for \(changed) rows of \(rows), which have \(needed)")
    }
  }
}

private func fullWhereAllRowsChange(_ world: Communicator) throws {
  // Adam moves rows without a gradient; of a table of 60 rows most have one.
  for run in [clicks("", .adam), clicks("", .sgd, rows: 60)] {
    try withFolder(world) { folder in
      let found = try train(run, world, in: folder, until: 8)
      try expectEqual(found.map(\.updates), [7, 6], "updates of checkpoints")
      try expect(found.allSatisfy { $0.full == nil }, "\(found)")
    }
  }
}

private func file(_ entry: CheckpointFolder.Entry, _ rank: Int) -> String {
  "\(entry.path)/\(CheckpointFolder.fileName(rank: rank, of: entry.ranks!))"
}

private func damagedFullOnes(_ world: Communicator) throws {
  let damages: [(updates: Int, notices: Int, (_ found: [CheckpointFolder.Entry]) throws -> String)] = [
    // The newest, of changed rows.
    (
      6, 1,
      { found in
        try flip(file(found[0], world.size - 1))
        return file(found[0], world.size - 1)
      }
    ),
    // The full one to which all newer ones refer.
    (
      1, 1,
      { found in
        try flip(file(found[2], world.size - 1))
        return file(found[2], world.size - 1)
      }
    ),
    (
      1, 1,
      { found in
        try FileManager.default.removeItem(atPath: found[2].path)
        return found[2].path
      }
    ),
    (
      1, 1,
      { found in
        try FileManager.default.removeItem(atPath: file(found[2], 0))
        return found[2].path
      }
    ),
    // Another full one under its name, which is as good as any by itself.
    (
      1, 2,
      { found in
        try FileManager.default.removeItem(atPath: found[2].path)
        try FileManager.default.copyItem(atPath: found[3].path, toPath: found[2].path)
        return file(found[2], 0)
      }
    ),
  ]
  let run = clicks("", .lazyAdam)
  for (updates, notices, damage) in damages {
    try withFolder(world) { folder in
      let found = try train(run, world, in: folder, until: 8)
      try world.barrier()
      let place = try world.agree { world.rank == 0 ? try damage(found) : "" }
      var texts: [String] = []
      let checkpoint = try Checkpoint.newest(in: folder, world) { texts.append($0) }
      try expectEqual(checkpoint?.updates, updates, "updates of the one that is taken")
      guard world.rank == 0 else { return }
      try expect(texts.count == notices && texts.allSatisfy { $0.contains(place) }, "\(texts), and \(place) is damaged")
    }
  }
}

/// Its folder is gone, or cannot be made; then it can.
private func lostFullOnes(_ world: Communicator) throws {
  let run = clicks("", .lazyAdam)
  let expected = try undisturbed(run, world)
  for isBlocked in [true, false] {
    try withFolder(world) { folder in
      var configuration = run.configuration
      configuration.checkpoint = always
      let trainer = try Trainer(configuration, session(run, world, ThreadPlan(requested: nil, world)))
      _ = try trainer.writeCheckpoints(in: folder)
      let place = CheckpointFolder(in: folder).path
      func change(_ body: () throws -> Void) throws {
        try trainer.settleCheckpoint { _ in }
        try world.agree { if world.rank == 0 { try body() } }
      }
      // The first two are full.
      try trainer.train(until: isBlocked ? 1 : 5)
      try change {
        try FileManager.default.removeItem(atPath: place)
        if isBlocked { try Data().write(to: URL(fileURLWithPath: place)) }
      }
      if isBlocked {
        var notices: [String] = []
        try trainer.train(until: 4) { if case .notice(let text) = $0 { notices.append(text) } }
        try trainer.settleCheckpoint { _ in }
        if world.rank == 0 { try expect(notices.count { $0.contains("is lost") } == 2, "\(notices)") }
        try change { try FileManager.default.removeItem(atPath: place) }
      }
      try trainer.train(until: 8)
      try trainer.settleCheckpoint { _ in }
      try world.barrier()
      let found = CheckpointFolder(in: folder).entries
      let first = isBlocked ? 4 : 5
      try expectEqual(
        found.map(\.updates), [7, 6, first + 1, first].reduce(into: []) { if !$0.contains($1) { $0.append($1) } },
        "updates of checkpoints")
      try expect(found[0].full == found.first { $0.full == nil }?.path, "\(found)")
      try world.barrier()
      try expectSame(run, world, in: folder, from: [7], as: expected)
    }
  }
}

/// Half of a table's rows change within a few steps.
private func compacted(_ world: Communicator) throws {
  let run = clicks("", .lazyAdam, rows: 1_500)
  let expected = try undisturbed(run, world)
  try withFolder(world) { folder in
    let found = try train(run, world, in: folder, until: 10, CheckpointConfiguration(.steps(1), keep: 6))
    let full = found.filter { $0.full == nil }
    try expect(full.count > 2 && full.count < found.count && full[0].updates > 2, "\(found)")
    try world.barrier()
    try expectSame(run, world, in: folder, from: [9], as: expected)
  }
}
