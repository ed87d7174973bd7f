import Configuration

extension ClickPlantedQuality {
  static let stored = StoredKind(
    "the quality of a planted model", version: 1, remedy: "make the data again with lockstep synthesize")

  private enum Key: String, SectionKey {
    case version, auc, logLoss, constantLogLoss, positiveShare, rows, generator
  }

  init(_ node: ConfigurationNode) throws {
    let section = try Section<Key>(node)
    self.init(
      auc: try section.required(.auc).number(.range(0...1)),
      logLoss: try section.required(.logLoss).number(.notNegative),
      constantLogLoss: try section.required(.constantLogLoss).number(.notNegative),
      positiveShare: try section.required(.positiveShare).number(.range(0...1)),
      rows: try section.required(.rows).whole(in: ConfigurationNode.samples),
      generator: try ClickGenerator(try section.required(.generator)))
  }
}

private enum GeneratorKey: String, SectionKey {
  case rows, testRows, cardinalities, dense, exponent, embedding, positiveShare, signal, seed
}

extension ClickGenerator {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<GeneratorKey>(node)
    self.init(
      rows: try section.required(.rows).whole(in: ConfigurationNode.samples),
      testRows: try section.required(.testRows).whole(in: ConfigurationNode.samples),
      cardinalities: try section.required(.cardinalities).values { try $0.whole() },
      dense: try section.required(.dense).whole(in: 0...Int(Int32.max)),
      exponent: try section.required(.exponent).number(.notNegative),
      embedding: try section.required(.embedding).whole(in: 0...Int(Int32.max)),
      positiveShare: try section.required(.positiveShare).number(.positive),
      signal: try section.required(.signal).number(.positive), seed: try section.required(.seed).seed())
    do { try check() } catch { throw node.error("\(node.path): \(error)") }
  }
}
