import Buffers
import Configuration
import MessagePassing
import Training

/// Ranks whose weights or optimisers' state are not the same find it, and say whose and where.
let comparisonChecks = [
  RankCheck("fifty bits changed at random places of one rank are found and named", changedBitsAreNamed),
  RankCheck("a bit changed in mid-run ends it at the next comparison", changedBitEndsTheRun),
]

private func trainer(_ world: Communicator, every: Int?) throws -> Trainer {
  var configuration = run(.mlp(widths: [20], batchNorm: true, dropout: 0)) {
    $0.data.limit = 400
    $0.optimizer.kind = .adam
    $0.learningRate.base = 1e-3
    $0.steps = 10
  }
  configuration.execution.compareEverySteps = every
  return try Trainer(configuration, TrainingSession(configuration, threads: ThreadPlan(requested: nil, world), world))
}

/// One bit of one word.
func flip(_ array: Tensor, _ place: Int, _ bit: Int) {
  array.pointer[place] = Float(bitPattern: array.pointer[place].bitPattern ^ (1 << UInt32(bit)))
}

private func changedBitsAreNamed(_ world: Communicator) throws {
  let trainer = try trainer(world, every: nil)
  try trainer.train(until: 3)
  try trainer.compareStates()
  guard world.size > 1 else { return }
  let (random, arrays, entries) = (Philox(5, 6), trainer.state.arrays, trainer.layout.listedEntries)
  for flips in 0..<50 {
    let (one, two) = (random.block(UInt64(flips), 0), random.block(UInt64(flips), 1))
    func chance(_ word: UInt32, _ count: Int) -> Int { Int(word) % count }
    let (array, rank) = (arrays[chance(one.x, arrays.count)], chance(one.y, world.size))
    let entry = entries[chance(one.z, entries.count)]
    let (place, bit) = (entry.range.lowerBound + chance(one.w, entry.range.count), chance(two.x, 32))
    if world.rank == rank { flip(array.tensor, place, bit) }
    let words = try message { try trainer.compareStates() }
    if world.rank == rank { flip(array.tensor, place, bit) }
    for word in ["after update 3", "rank \(rank) (", "\(array.name) of \(entry.parameter.name)"] {
      try expect(words?.contains(word) == true, "bit \(bit) at \(place) of rank \(rank): \(words ?? "not found")")
    }
    // Of two nobody can tell whose is right.
    let isTold = words?.contains("that most ranks have") == true
    try expect(isTold == (world.size > 2), words ?? "")
  }
  try trainer.compareStates()
}

private func message(_ body: () throws -> Void) throws -> String? {
  do { try body() } catch let error as CollectiveError { return error.message }
  return nil
}

private func changedBitEndsTheRun(_ world: Communicator) throws {
  for (every, end) in [(2, 4), (5, 5), (0, nil)] as [(Int, Int?)] {
    let trainer = try trainer(world, every: every)
    try trainer.train(until: 3)
    if world.rank == world.size - 1 { flip(trainer.state.weights, 7, 3) }
    let words = try message { try trainer.train(until: 10) }
    let expected = world.size > 1 ? end : nil
    try expect((words != nil) == (expected != nil), "every \(every): \(words ?? "not found")")
    if let expected { try expect(words?.contains("after update \(expected) ") == true, words ?? "") }
  }
}
