import Buffers
import Configuration
import Datasets
import Foundation

extension ModelFile {
  static let stored = StoredKind("a model", version: 1, remedy: "write it again with lockstep train or export")

  private enum Key: String, SectionKey {
    case version, lockstep, model, contrastive, ghostBatch, inputShape, classes, idFields, schema, schemaFile,
      keptNegatives,
      normalization, precision,
      weightsSHA256
  }

  /// Reads a `model.json`.
  ///
  /// - Throws: `ConfigurationError`, with file, line and key.
  public static func read(_ file: URL) throws -> ModelFile {
    try stored.read(file: file.path, hint: "is this the --output folder of lockstep train or export?") {
      try ModelFile($0)
    }
  }

  init(_ node: ConfigurationNode) throws {
    let section = try Section<Key>(node)
    version = try section.required(.version).whole()
    lockstep = try section.required(.lockstep).anyText()
    model = try ModelConfiguration(try section.required(.model))
    contrastive = try section.optional(.contrastive).map(ContrastiveConfiguration.init)
    ghostBatch = try section.required(.ghostBatch).whole()
    classes = try section.required(.classes).whole(in: ConfigurationNode.classes)
    idFields = try section.optional(.idFields).map(IDFields.init)
    schema = try section.optional(.schema).map(ClickSchema.init)
    schemaFile = try section.optional(.schemaFile)?.anyText()
    keptNegatives = try section.optional(.keptNegatives)?.number(
      NumberRule(words: "more than 0 and at most 1") { $0 > 0 && $0 <= 1 })
    inputShape = try Shape(try section.required(.inputShape), mayBeEmpty: idFields != nil)
    normalization = try section.required(.normalization).choice()
    precision = try section.optional(.precision)?.choice()
    weightsSHA256 = try section.optional(.weightsSHA256)?.text()
    try checkSense(section)
  }

  /// Checks that facts which the file holds twice are twice the same.
  private func checkSense(_ section: Section<Key>) throws {
    if idFields != nil, classes != 2 {
      throw try section.required(.classes).error("classes is \(classes), but samples with ids have 2")
    }
    if keptNegatives != nil, idFields == nil {
      throw try section.required(.keptNegatives).error("keptNegatives is for samples with ids, and these have none")
    }
    guard let schema, let node = section[.schema] else { return }
    guard schema.idFields == idFields else {
      throw node.error("schema and idFields say different things of the id fields")
    }
    guard inputShape == Shape(schema.dense.count) else {
      throw node.error("schema has \(schema.dense.count) dense values, but inputShape is \(inputShape)")
    }
  }
}

private enum IDFieldsKey: String, SectionKey { case names, cardinalities, bags }
private enum IDBagKey: String, SectionKey { case field, atMost, isMean }

extension IDFields {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<IDFieldsKey>(node)
    let names = try section.required(.names).texts()
    let cardinalities = try section.required(.cardinalities).values { try $0.whole() }
    guard names.count == cardinalities.count else {
      throw node.error("\(node.path) has \(names.count) names, but \(cardinalities.count) cardinalities")
    }
    guard Set(names).count == names.count else { throw node.error("\(node.path).names holds a name twice") }
    let rows = cardinalities.reduce(0, +)
    guard rows <= Int(Int32.max) else {
      throw node.error("\(node.path) has \(rows) ids together, but may have \(Int32.max) at most")
    }
    let bags = try section.optional(.bags)?.values { try IDBag($0, fields: names.count) } ?? []
    for (index, pair) in zip(bags, bags.dropFirst()).enumerated() where pair.0.field >= pair.1.field {
      throw node.error("\(node.path).bags[\(index + 1)] must be of a later field than the one before it")
    }
    self.init(names: names, cardinalities: cardinalities, bags: bags)
  }
}

extension IDBag {
  fileprivate init(_ node: ConfigurationNode, fields: Int) throws {
    let section = try Section<IDBagKey>(node)
    self.init(
      field: try section.required(.field).whole(in: 0...fields - 1),
      atMost: try section.required(.atMost).whole(in: ClickValues.counts),
      isMean: try section.required(.isMean).flag())
  }
}

extension Shape {
  /// The shape of one sample: a batch has a dimension more.
  ///
  /// - Parameter mayBeEmpty: samples may have ids alone.
  init(_ node: ConfigurationNode, mayBeEmpty: Bool = false) throws {
    let dimensions = try node.list(example: "[28, 28, 1]", upTo: Shape.maximumRank - 1) {
      try $0.whole(in: (mayBeEmpty ? 0 : 1)...Self.mostValues)
    }
    guard dimensions.reduce(1, { min($0 * $1, Self.mostValues + 1) }) <= Self.mostValues else {
      throw node.error("\(node.path) has more than \(Self.mostValues) values")
    }
    self.init(dimensions)
  }

  private static let mostValues = 1 << 28
}
