import Foundation
import Testing
import Training

/// A small data set of clicks with a planted model, and a model that learns it in a second.
struct ClickRun {
  let folder: TemporaryFolder
  var data: String { folder.file("data").path }
  var file: String { folder.file("run.yaml").path }

  static let synthesis = "--rows 4000 --test-rows 1000 --fields 4 --dense 3 --cardinality 200 --quiet"

  init(_ synthesis: String = Self.synthesis) throws {
    folder = try TemporaryFolder()
    try synthesize("data", synthesis)
    try """
    model: {kind: deepfm, embedding: 4, embeddingDeviation: 0.1, widths: [16]}
    data: {path: data}
    globalBatch: 4000
    microBatch: 1000
    epochs: 4
    optimizer: {kind: adam}
    learningRate: {base: 0.01}
    tables: {optimizer: lazyAdam}
    """.write(toFile: file, atomically: true, encoding: .utf8)
  }

  func synthesize(_ name: String, _ arguments: String) throws {
    let result = try Shell.run("\(Shell.lockstep) synthesize clicks \(folder.file(name).path) \(arguments)")
    try #require(result.status == 0, "\(result.text)")
  }

  /// Trains into the folder `name`, and must reach the end.
  func train(_ name: String, ranks: Int = 2, _ more: String = "") throws -> RunRecord {
    let output = folder.file(name)
    let result = try Shell.lockstep(ranks: ranks, "train \(file) --quiet --output \(output.path) \(more)")
    try #require(result.status == 0, "\(result.text)")
    return try RunRecord.read(output.appendingPathComponent("run.json"))
  }

  func path(_ name: String) -> String { folder.file(name).path }
}

/// Predicts on any number of ranks and returns the bytes of the file.
func predict(_ model: String, _ data: String, ranks: Int = 1, batch: Int, _ more: String = "", ending: String = "bin")
  throws -> Data
{
  let folder = try TemporaryFolder()
  let file = folder.file("predictions.\(ending)")
  // Another number of threads may add up the products of a sum in another order.
  let result = try Shell.lockstep(
    ranks: ranks, "predict \(model) \(data) --output \(file.path) --batch \(batch) --threads 1 \(more)")
  try #require(result.status == 0, "\(result.text)")
  try #require(result.output.contains("compute batch") && result.output.contains("samples/s"), "\(result.text)")
  return try Data(contentsOf: file)
}

extension Data {
  /// The fields of CSV without quotes.
  var rows: [[String]] {
    String(decoding: self, as: UTF8.self).split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  }

  /// The little-endian floats that a prediction file holds.
  var floats: [Float] { withUnsafeBytes { Array($0.bindMemory(to: Float.self)) } }
}
