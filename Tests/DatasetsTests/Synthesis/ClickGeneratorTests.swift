import Datasets
import Files
import Foundation
import Testing

@Suite struct ClickGeneratorTests {
  let folder = ScratchFolder()
  let small = ClickGenerator(rows: 30_000, testRows: 5_000, cardinalities: [10, 300, 5_000], dense: 3, seed: 7)

  @Test func anyNumberOfWorkersMakesTheSameBytes() throws {
    var made: [[[UInt8]]] = []
    for workers in 1...3 {
      let target = "\(folder.path)/\(workers)"
      _ = try small.write(to: target, workers: workers, rowsPerShard: 12_000)
      let names = try FileManager.default.contentsOfDirectory(atPath: target).sorted()
      #expect(names.count == 5)
      made.append(names.map { folder.read("\(workers)/\($0)") })
    }
    #expect(made[0] == made[1])
    #expect(made[0] == made[2])
  }

  @Test func anotherSeedMakesOtherData() throws {
    var other = small
    other.seed = 8
    _ = try small.write(to: "\(folder.path)/a", workers: 2)
    _ = try other.write(to: "\(folder.path)/b", workers: 2)
    let rows = Array(0..<1000)
    let a = try ClickBatch(try ClickDataset.open("\(folder.path)/a", split: .train), rows)
    let b = try ClickBatch(try ClickDataset.open("\(folder.path)/b", split: .train), rows)
    #expect(a.ids != b.ids)
    #expect(zip(a.labels, b.labels).filter { $0 != $1 }.count > 100)
  }

  /// Each field's ids by how often they come, against the law's own probabilities.
  @Test(arguments: [0.0, 0.8, 1.0, 1.1, 2.0])
  func idsFollowThePowerLaw(exponent: Double) throws {
    var generator = small
    generator.exponent = exponent
    _ = try generator.write(to: folder.path, workers: 2)
    let dataset = try ClickDataset.open(folder.path, split: .train)
    let ids = try ClickBatch(dataset, Array(0..<30_000)).ids
    for (field, cardinality) in generator.cardinalities.enumerated() {
      let offset = generator.cardinalities[..<field].reduce(0, +)
      var counts = Array(repeating: 0, count: cardinality)
      for row in 0..<30_000 { counts[Int(ids[3 * row + field]) - offset] += 1 }
      // ∫ x^−s dx from r + 1 to r + 2, by Simpson's rule.
      let weight = { (rank: Int) in
        let x = Double(rank)
        return (pow(x + 1, -exponent) + 4 * pow(x + 1.5, -exponent) + pow(x + 2, -exponent)) / 6
      }
      let total = (0..<cardinality).reduce(0) { $0 + weight($1) }
      let sorted = counts.sorted(by: >)
      // The ten commonest together, and the commonest alone where it stands out: within five deviations.
      for ranks in exponent == 0 ? [cardinality] : [1, 10] {
        let expected = (0..<ranks).reduce(0) { $0 + weight($1) } / total * 30_000
        let found = Double(sorted[..<ranks].reduce(0, +))
        #expect(abs(found - expected) < 5 * expected.squareRoot() + 0.02 * expected, "field \(field), \(ranks)")
      }
    }
  }

  @Test func commonIDsAreScattered() throws {
    _ = try small.write(to: folder.path, workers: 2)
    let ids = try ClickBatch(try ClickDataset.open(folder.path, split: .train), Array(0..<30_000)).ids
    var counts: [Int32: Int] = [:]
    for row in 0..<30_000 { counts[ids[3 * row + 2], default: 0] += 1 }
    let common = counts.sorted { $0.value > $1.value }.prefix(5).map(\.key).sorted()
    #expect(zip(common, common.dropFirst()).allSatisfy { $1 - $0 > 100 })
  }

  @Test func thePlantedModelIsWorthLearning() throws {
    let quality = try #require(try small.write(to: folder.path, workers: 2))
    #expect(quality.auc > 0.75 && quality.auc < 0.95)
    #expect(quality.logLoss < 0.9 * quality.constantLogLoss)
    #expect(quality.rows == 5_000)
    #expect(abs(quality.positiveShare - 0.25) < 0.03)
    #expect(try ClickPlantedQuality.read(from: folder.path) == quality)
    let test = try ClickDataset.open(folder.path, split: .test)
    #expect(Double(test.positives) == quality.positiveShare * 5_000)
    var hopeless = small
    hopeless.signal = 0.01
    #expect(abs(try #require(try hopeless.write(to: folder.path, workers: 2)).auc - 0.5) < 0.05)
  }

  @Test(arguments: [0.05, 0.5])
  func theShareOfPositivesIsWhatWasAsked(share: Double) throws {
    var generator = small
    generator.positiveShare = share
    _ = try generator.write(to: folder.path, workers: 2)
    let training = try ClickDataset.open(folder.path, split: .train)
    #expect(abs(Double(training.positives) / 30_000 - share) < 0.15 * share)
  }

  @Test func denseValuesAreStandard() throws {
    _ = try small.write(to: folder.path, workers: 2)
    let values = try ClickBatch(try ClickDataset.open(folder.path, split: .train), Array(0..<30_000)).dense.map(
      Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    #expect(abs(mean) < 0.02)
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } / Double(values.count) - 1) < 0.02)
  }

  @Test func fieldsFillTheTableThatWasAsked() throws {
    #expect(ClickGenerator.cardinalities(fields: 1, largest: 5) == [5])
    #expect(ClickGenerator.cardinalities(fields: 3, largest: 1000) == [10, 100, 1000])
    for rows in [26, 27, 100, 1_000, 1_000_000, 20_000_000] {
      let found = try ClickGenerator.cardinalities(fields: 26, tableRows: rows)
      #expect(found.reduce(0, +) == rows)
      #expect(found.allSatisfy { $0 >= 1 })
    }
    #expect(
      try folder.error { try ClickGenerator.cardinalities(fields: 26, tableRows: 25) }
        == "a table of 25 rows for 26 fields: 26 to 2147483647 can be made")
  }

  @Test func whatCannotBeMade() throws {
    var wrong = small
    wrong.rows = 0
    #expect(try folder.error { try wrong.check() } == "0 rows: 1 to 1099511627776 can be made")
    wrong = small
    wrong.positiveShare = 1
    #expect(try folder.error { try wrong.check() }.hasPrefix("a positives' share of 1.0"))
    wrong = small
    wrong.testRows = 1 << 33
    #expect(try folder.error { try wrong.check() } == "8589934592 test rows: 1 to 4294967296 can be made")
    wrong = small
    wrong.exponent = .nan
    #expect(try folder.error { try wrong.check() }.hasPrefix("an exponent of nan"))
    wrong = small
    wrong.cardinalities = [3, 0]
    #expect(try folder.error { try wrong.check() }.contains("c2 of synthetic-clicks has 0 ids"))
  }

  @Test func stoppingLeavesWhatWasThere() throws {
    _ = try small.write(to: folder.path, workers: 2)
    let before = folder.names.map(folder.read)
    var other = small
    other.seed = 9
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      _ = try other.write(to: folder.path, workers: 2) { done, _ in if done > 20_000 { throw Stop() } }
    }
    #expect(folder.names.map(folder.read) == before)
  }

  @Test func aFullDiskIsSaidBeforeTheWork() throws {
    var large = small
    large.rows = 1 << 40
    let error = try #require(throws: FileError.self) { _ = try large.write(to: folder.path, workers: 1) }
    #expect(error.description.contains("are free: free some space or choose another place"))
    #expect(folder.names == [])
  }

  @Test(arguments: [
    ("x", "", "x"), ("/x", "/", "x"), ("/", "/", ""), ("a/b", "a", "b"), ("a//b/", "a", "b"), ("", "", ""),
    ("/a/b.c", "/a", "b.c"), ("./x", ".", "x"),
  ])
  func pathsOfAnyLength(path: String, folder: String, name: String) {
    #expect(PathParts.folder(of: path) == folder)
    #expect(PathParts.name(of: path) == name)
  }
}
