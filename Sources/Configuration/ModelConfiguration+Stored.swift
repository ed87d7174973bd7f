/// How a model stands in what Lockstep stored: its kind is the key of what else it has.
private enum StoredModelKey: String, SectionKey { case layers, mlp, cnn, logistic, resnet, keskarC1, click, custom }

/// The key of a kind's one value that has no key of its own.
private enum StoredValueKey: String, SectionKey { case value = "_0" }

extension ModelConfiguration {
  init(stored node: ConfigurationNode) throws {
    let (kind, value) = try node.oneOf(StoredModelKey.self)
    switch kind {
    case .custom: self = .custom(try Section<StoredValueKey>(value).required(.value).text())
    case .layers: self = .layers(try LayerConfiguration.list(try Section<StoredValueKey>(value).required(.value)))
    case .click: try self.init(typed: try Section<StoredValueKey>(value).required(.value))
    case .mlp, .cnn, .logistic, .resnet, .keskarC1:
      let name = ConfigurationNode(content: .scalar(kind.rawValue, isQuoted: true), place: value.place, path: node.path)
      let entry = ConfigurationNode.Entry(key: ModelKey.kind.rawValue, place: value.place, value: name)
      var typed = value
      typed.content = .section([entry] + (try value.entries()))
      try self.init(typed: typed)
    }
  }
}
