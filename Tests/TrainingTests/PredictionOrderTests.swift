import Batches
import Buffers
import Datasets
import Foundation
import Testing
import Training

@Suite struct PredictionOrderTests {
  /// Every sample once, rounds and ranks one after the other in the data's order, cut at multiples of the batch on any
  /// number of ranks.
  @Test(arguments: [0, 1, 5, 1000, 200_000], [1, 7, 1024, 100_000]) func coversTheDataInOrder(samples: Int, batch: Int)
  {
    for ranks in 1...4 {
      var position = 0
      let order = PredictionOrder(samples: samples, batch: batch, rank: 0, ranks: ranks)
      var batches = (0..<ranks).map { batchesOf(rank: $0, of: ranks, samples, batch)[...] }
      for round in 0..<order.rounds {
        for rank in 0..<ranks {
          let share = order.share(ofRank: rank, round: round)
          #expect(share.isEmpty || share.lowerBound == position)
          while let next = batches[rank].first, share.contains(next.lowerBound) {
            #expect(next.lowerBound == position && next.lowerBound % batch == 0)
            #expect(next.upperBound == min(position + batch, samples))
            position = next.upperBound
            batches[rank].removeFirst()
          }
          #expect(share.isEmpty || share.upperBound == position)
        }
      }
      #expect(position == samples && batches.allSatisfy(\.isEmpty), "\(ranks) ranks")
    }
  }

  @Test func sharesTheWorkOfSmallData() {
    let shares = (0..<4).map { batchesOf(rank: $0, of: 4, 10_000, 100).count }
    #expect(shares == [25, 25, 25, 25])
  }

  private func batchesOf(rank: Int, of ranks: Int, _ samples: Int, _ size: Int) -> [Range<Int>] {
    var order = PredictionOrder(samples: samples, batch: size, rank: rank, ranks: ranks)
    let batch = Batch(inputShape: Shape(1), capacity: size)
    var ranges: [Range<Int>] = []
    while order.next(into: batch) {
      let samples = batch.filledSamples
      #expect(samples.last! - samples[0] == samples.count - 1)
      ranges.append(samples[0]..<samples.last! + 1)
    }
    return ranges
  }
}

@Suite struct PredictionFileTests {
  private let values: [Float] = [0.1, 1 / 3, .leastNonzeroMagnitude, 1]

  private func write(_ name: String, columns: [String]) throws -> (TemporaryFolder, URL) {
    let folder = try TemporaryFolder()
    var file = try PredictionFile(folder.file(name).path, columns: columns)
    try values.withUnsafeBufferPointer { try file.write($0) }
    try file.commit()
    return (folder, folder.file(name))
  }

  @Test func textReadsBackAsTheSameFloats() throws {
    let (folder, file) = try write("p.csv", columns: ["probability0", "probability1"])
    defer { withExtendedLifetime(folder) {} }
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines[0] == "probability0,probability1" && lines.count == 3)
    #expect(lines.dropFirst().flatMap { $0.split(separator: ",").map { Float($0)! } } == values)
  }

  @Test func binaryIsTheFloats() throws {
    let (folder, file) = try write("p.bin", columns: ["probability"])
    defer { withExtendedLifetime(folder) {} }
    #expect(try Data(contentsOf: file) == values.withUnsafeBytes { Data($0) })
  }

  @Test func carriedTextsStandInFrontAndLabelsAreWholeNumbers() throws {
    let folder = try TemporaryFolder()
    let texts = ["plain", "a, \"b\"\n"]
    var file = try PredictionFile(
      folder.file("p.csv").path, columns: ["logit", "label"],
      carrying: (
        ["the, id"],
        { row, fields in
          Array(texts[row].utf8).withUnsafeBytes { CSVField.append($0, to: &fields) }
          fields.append(UInt8(ascii: ","))
        }
      ))
    // In two parts: rows go on from one to the next.
    for rows: [Float] in [[-0.5, 1], [40, 0]] { try rows.withUnsafeBufferPointer { try file.write($0) } }
    try file.commit()
    let text = try String(contentsOf: folder.file("p.csv"), encoding: .utf8)
    #expect(text == "\"the, id\",logit,label\nplain,-0.5,1\n\"a, \"\"b\"\"\n\",40.0,0\n")
  }

  @Test func whatAFormCannotHoldIsRefused() throws {
    let folder = try TemporaryFolder()
    for (name, carried) in [("p.bin", "id"), ("p.csv", "label")] {
      #expect(throws: ModelFile.Failure.self) {
        _ = try PredictionFile(
          folder.file(name).path, columns: ["logit", "label"], carrying: ([carried], { _, _ in })
        ).commit()
      }
    }
  }

  @Test func anotherEndingIsRefused() throws {
    #expect(throws: ModelFile.Failure.self) { _ = try PredictionFile("p.txt", columns: ["probability"]).commit() }
  }
}
