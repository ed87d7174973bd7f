/// Which model; keys that a kind does not use are errors in the file.
public enum ModelConfiguration: Codable, Equatable, Sendable {
  /// Dense layers with ReLU between them.
  case mlp(widths: [Int], batchNorm: Bool, dropout: Double)
  /// The simple CNN: 5×5 convolutions, each with ReLU and 2×2 max pooling, then a dense hidden layer.
  case cnn(filters: [Int], hidden: Int, batchNorm: Bool, dropout: Double)
  /// One dense layer.
  case logistic
  /// A model that a program brings itself, by name; a run file cannot ask for it.
  case custom(String)
}

enum ModelKey: String, SectionKey { case kind, widths, filters, hidden, batchNorm, dropout }

extension ModelConfiguration {
  private enum Kind: String, CaseIterable { case mlp, cnn, logistic }

  init(_ node: ConfigurationNode) throws {
    let section = try Section<ModelKey>(node)
    let kind = try section.required(.kind).choice(Kind.self)
    let because = "\(node.pathOf("kind")) \(kind.rawValue)"
    if kind != .mlp { try section.refuse(.widths, unless: "mlp", because: because) }
    if kind != .cnn { try section.refuse(.filters, .hidden, unless: "cnn", because: because) }
    if kind == .logistic { try section.refuse(.batchNorm, .dropout, unless: "mlp or cnn", because: because) }

    let width = { (node: ConfigurationNode) in try node.whole(in: ConfigurationNode.widths) }
    let batchNorm = try section[.batchNorm]?.flag() ?? false
    let dropout = try section[.dropout]?.number(.belowOne) ?? 0
    switch kind {
    case .mlp:
      let widths = try section.required(.widths).list(example: "[512, 512]", width)
      self = .mlp(widths: widths, batchNorm: batchNorm, dropout: dropout)
    case .cnn:
      let filters = try section.required(.filters).list(example: "[32, 64]", width)
      let hidden = try width(try section.required(.hidden))
      self = .cnn(filters: filters, hidden: hidden, batchNorm: batchNorm, dropout: dropout)
    case .logistic: self = .logistic
    }
  }
}
