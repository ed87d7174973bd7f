import Configuration
import Foundation
import Measurement
import MessagePassing
import Training

/// What a run notes of the machine's energy and of the time of day.
let surroundingsChecks = [
  RankCheck("the machine's energy is counted once, an epoch at a time", energyIsTheMachines),
  RankCheck("energy that no counter tells is not known", energyIsNotKnown),
  RankCheck("moments rise and are every rank's", momentsRise),
]

private let configuration = run(.mlp(widths: [20], batchNorm: false, dropout: 0)) { $0.data.limit = 400 }

/// Two processors of 1 J a step each and memory of a half, in a made-up folder of counters that start again at 0 on the way.
private func energyIsTheMachines(_ world: Communicator) throws {
  let folder = try world.allGather(NSTemporaryDirectory() + "lockstep-energy-\(UUID().uuidString)")[0]
  defer { if world.rank == 0 { try? FileManager.default.removeItem(atPath: folder) } }
  let counters = [
    "intel-rapl:0": ("package-0", 1_000_000), "intel-rapl:1": ("package-1", 1_000_000),
    "intel-rapl:0:0": ("dram", 500_000),
  ]
  func set(step: Int) throws {
    for (counter, (name, each)) in counters {
      let path = "\(folder)/\(counter)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for (file, text) in [
        ("name", name), ("max_energy_range_uj", "\(8 * each)"), ("energy_uj", "\(step * each % (8 * each))"),
      ] {
        try Data("\(text)\n".utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
      }
    }
  }
  try world.agree { if world.rank == 0 { try set(step: 0) } }
  var session = try TrainingSession(configuration, world)
  session.energyCounters = folder
  var failure: (any Error)?
  let record = try Trainer(configuration, session).run(command: "rank check") { event in
    guard case .step(let progress) = event else { return }
    do { try set(step: progress.updates) } catch { failure = error }
  }
  if let failure { throw failure }
  try expect(record.epochs.count > 1, "one epoch says nothing")
  for epoch in record.epochs {
    guard let energy = epoch.energy else {
      throw FailedExpectation(description: "the energy of epoch \(epoch.epoch) is not known")
    }
    let steps = Double(epoch.ledger.steps)
    try expect(
      abs(energy.processors - 2 * steps) < 1e-9, "epoch \(epoch.epoch) of \(steps) steps took \(energy.processors) J")
    try expect(abs((energy.memory ?? 0) - steps / 2) < 1e-9, "its memory \(String(describing: energy.memory))")
    try expect(energy.platform == nil, "no counter is of the platform")
  }
}

private func energyIsNotKnown(_ world: Communicator) throws {
  var session = try TrainingSession(configuration, world)
  session.energyCounters = "/nowhere"
  let record = try Trainer(configuration, session).run(command: "rank check")
  for epoch in record.epochs {
    try expect(epoch.energy == nil, "energy from nowhere: \(String(describing: epoch.energy))")
  }
}

private func momentsRise(_ world: Communicator) throws {
  let before = Date().timeIntervalSince1970
  let record = try Trainer(configuration, TrainingSession(configuration, world)).run(command: "rank check")
  guard let run = record.moments else { throw FailedExpectation(description: "a run without moments") }
  let epochs = record.epochs.compactMap(\.moments).flatMap { [$0.began, $0.trained, $0.ended] }
  try expectEqual(epochs.count, 3 * record.epochs.count, "moments of epochs")
  let all = [run.prepared, run.began] + epochs + [run.ended]
  try expect(zip(all, all.dropFirst()).allSatisfy(<=), "moments fall: \(all)")
  try expect(abs(run.prepared - before) < 60, "it was prepared at \(run.prepared), asked at \(before)")
  try expectEqual(try world.allGather(all), Array(repeating: all, count: world.size), "the moments of all ranks")
}
