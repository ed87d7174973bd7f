import Batches
import Buffers
import Datasets
import Foundation

/// Stored arrays of rows, as they lie in a run's larger tables: known rows where they are now, the others as they are.
package struct GrownTables {
  let growth: VocabularyGrowth
  /// Names of the tables.
  let tables: [String]

  package init(_ growth: VocabularyGrowth, _ layout: ParameterLayout) {
    self.growth = growth
    tables = layout.tables.map(\.parameter.name)
  }

  /// Whether an array is a table, or what an optimiser remembers for its rows.
  private func contains(_ name: String) -> Bool { tables.contains { name == $0 || name.hasPrefix("\($0).") } }

  /// The shape that an array of this run has in the file.
  func storedShape(_ name: String, _ tensor: Tensor) -> [Int] {
    let shape = tensor.shape.dimensions
    return contains(name) ? [growth.rows.count] + shape.dropFirst() : shape
  }

  /// - Returns: false for an array that is as it was.
  func read(_ name: String, of file: SafeTensorsFile, into tensor: Tensor) throws -> Bool {
    guard contains(name) else { return false }
    try file.read(name, into: tensor, rows: growth.rows)
    return true
  }
}

extension SavedModel {
  /// As `readWeights`, into larger tables.
  ///
  /// - Returns: the SHA-256 of what the weights are then.
  func readWeights(
    into tensors: [(name: String, tensor: Tensor)], of description: ModelFile, _ grown: GrownTables
  ) throws -> String {
    try check(SafeTensorsFile(url(.weights)), .weights, description)
    try SafeTensors.read(url(.weights), into: tensors, grown: grown)
    return WeightsHash.sha256(tensors.map(\.tensor))
  }
}

extension ModelFile {
  /// The growth of vocabularies from this model's data to others; nil where they are the same.
  ///
  /// - Throws: `ModelFile.Failure` where more than vocabularies differs, or a text is no longer in one; `DatasetError`.
  func growth(to data: any Dataset, at path: String) throws -> VocabularyGrowth? {
    guard let schema, let larger = data.clickSchema else {
      try requireFits(data, at: path)
      return nil
    }
    var grown = schema
    for (index, field) in larger.fields.enumerated() where index < grown.fields.count {
      if case .vocabulary = grown.fields[index].encoding, case .vocabulary = field.encoding {
        grown.fields[index].encoding = field.encoding
      }
    }
    if let difference = grown.difference(from: larger) { throw Self.misfit(difference, path) }
    let growth = try VocabularyGrowth(from: schema, to: larger)
    return growth.fields.isEmpty ? nil : growth
  }
}
