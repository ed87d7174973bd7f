import Batches
import Testing

@Suite struct PermutationTests {
  static let smallCounts = Array(1...40) + [63, 64, 65, 100, 255, 256, 257, 1000]

  @Test(arguments: smallCounts)
  func everySampleStandsOnce(count: Int) {
    for seed in 0..<20 as Range<UInt64> {
      let order = Permutation(count: count, seed: seed, epoch: Int(seed) % 3)
      #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count))
    }
  }

  @Test func everySampleStandsOnceInALargeSet() {
    let order = Permutation(count: 60_000, seed: 1, epoch: 4)
    #expect((0..<60_000).map { order[$0] }.sorted() == Array(0..<60_000))
  }

  @Test func orderIsTheSameOnEveryMachineAndForEver() {
    let order = Permutation(count: 60_000, seed: 1, epoch: 0)
    #expect((0..<4).map { order[$0] } == [45568, 54673, 38934, 4005])
  }

  @Test func seedsAndEpochsDiffer() {
    let order = { (seed: UInt64, epoch: Int) in
      let order = Permutation(count: 1000, seed: seed, epoch: epoch)
      return (0..<1000).map { order[$0] }
    }
    let orders = [order(1, 0), order(1, 1), order(2, 0), order(2, 1), order(0, 1)]
    #expect(Set(orders).count == orders.count)
    // Two independent orders agree in one place on average.
    let agreements = zip(orders[0], orders[1]).filter { $0 == $1 }.count
    #expect(agreements < 10)
  }

  /// Over many seeds each order of a tiny set is as likely as any other.
  @Test(arguments: [2, 3, 4, 5])
  func everyOrderIsEquallyLikely(count: Int) {
    let trials = 12_000
    var seen: [[Int]: Int] = [:]
    for seed in 0..<UInt64(trials) {
      let order = Permutation(count: count, seed: seed, epoch: 0)
      seen[(0..<count).map { order[$0] }, default: 0] += 1
    }
    let cells = (1...count).reduce(1, *)
    expectUniform(
      Array(seen.values) + Array(repeating: 0, count: cells - seen.count), trials: trials, freedom: cells - 1)
  }

  /// Over many seeds each sample is equally likely at each position, and so is each pair of neighbours.
  @Test(arguments: [6, 7, 9, 10, 16, 17, 30, 60])
  func everySampleIsEquallyLikelyEverywhere(count: Int) {
    let trials = 100 * count
    var places = Array(repeating: 0, count: count * count)
    var neighbours = Array(repeating: 0, count: count * count)
    for seed in 0..<UInt64(trials) {
      let order = Permutation(count: count, seed: 7, epoch: Int(seed))
      for position in 0..<count { places[position * count + order[position]] += 1 }
      neighbours[order[0] * count + order[1]] += 1
    }
    expectUniform(places, trials: trials * count, freedom: (count - 1) * (count - 1))
    let pairs = neighbours.enumerated().filter { $0.offset / count != $0.offset % count }.map(\.element)
    expectUniform(pairs, trials: trials, freedom: count * (count - 1) - 1)
  }

  /// Within one order, neither position and sample nor one sample and the next know anything of each other.
  @Test(arguments: [257, 1000, 6000, 60_000], [0, 1, 2])
  func oneOrderHasNoPattern(count: Int, epoch: Int) {
    let order = Permutation(count: count, seed: 11, epoch: epoch)
    let bins = count < 2000 ? 5 : 40
    var places = Array(repeating: 0, count: bins * bins)
    var neighbours = places
    for position in 0..<count {
      let sample = order[position] * bins / count
      places[position * bins / count * bins + sample] += 1
      neighbours[order[(position + 1) % count] * bins / count * bins + sample] += 1
    }
    expectUniform(places, trials: count, freedom: (bins - 1) * (bins - 1))
    expectUniform(neighbours, trials: count, freedom: (bins - 1) * (bins - 1))
  }

  /// Pearson's χ², at most five standard deviations above its mean.
  func expectUniform(_ counts: [Int], trials: Int, freedom: Int) {
    let expected = Double(trials) / Double(counts.count)
    let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    let limit = Double(freedom) + 5 * (2 * Double(freedom)).squareRoot() + 5
    #expect(chiSquare < limit, "χ² of \(chiSquare) with \(freedom) degrees of freedom")
  }
}
