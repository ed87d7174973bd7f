import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Testing

/// All samples of a data set, as plain arrays.
struct ClickSamples: Equatable {
  var labels: [Int32] = []
  var dense: [[Float]] = []
  var ids: [[Int32]] = []

  init(_ dataset: any Dataset) throws {
    let fields = dataset.idFields?.columns ?? 0
    let width = dataset.inputShape.count
    let batch = Batch(
      inputShape: dataset.inputShape, fields: fields, weighted: dataset.hasWeights, capacity: dataset.count)
    for index in 0..<dataset.count { batch.samples[index] = index }
    batch.rows = dataset.count
    try dataset.read(batch.filledSamples, into: batch)
    labels = Array(batch.filledLabels)
    let values = batch.inputs.values
    dense = (0..<dataset.count).map { row in (0..<width).map { values[row * width + $0] } }
    ids = (0..<dataset.count).map { Array(batch.filledIDs[$0 * fields..<($0 + 1) * fields]) }
  }
}

extension ScratchFolder {
  @discardableResult
  func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

  @discardableResult
  func schema(_ text: String) throws -> ClickSchemaFile {
    try ClickSchemaFile.load(file: write("schema.yaml", text))
  }

  /// A conversion of files of this folder, to `target` in it. Their few rows may have labels of one class, and ids that
  /// nothing was learnt about.
  func conversion(_ schema: String, _ sources: String..., target: String = "converted") throws -> ClickConversion {
    var conversion = ClickConversion(
      sources: sources.map { "\(path)/\($0)" }, schema: try self.schema(schema), target: "\(path)/\(target)")
    conversion.schema.allow.unknown = 1
    conversion.schema.allow.oneClass = true
    return conversion
  }

  func samples(_ split: ClickSplit = .train, of target: String = "converted") throws -> ClickSamples {
    try ClickSamples(try ClickDataset.open("\(path)/\(target)", split: split))
  }

  /// The data that one training file becomes.
  func samples(_ schema: String, text: String) throws -> ClickSamples {
    write("data.txt", text)
    _ = try conversion(schema, "data.txt").convert()
    return try samples()
  }

  /// The error of converting one training file.
  func error(_ schema: String, text: String) throws -> String {
    write("data.txt", text)
    let conversion = try conversion(schema, "data.txt")
    return try error { try conversion.convert() }
  }

  /// The bytes of all files of a converted folder, by name.
  func shards(of target: String) throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(target)")
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(target)/\($0)"))) })
  }
}
