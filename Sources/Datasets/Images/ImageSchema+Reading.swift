import Configuration

private enum ImageKey: String, SectionKey {
  case kind, name, split, rows, inputShape, elementType, classes, classNames, pixelMean, pixelDeviation, source, inputs
  case labels
}

extension ImageSchema {
  /// - Throws: `ConfigurationError`.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<ImageKey>(node)
    self.init(
      name: try section.required(.name).anyText(), split: try section.required(.split).anyText(),
      rows: try section.required(.rows).whole(),
      // Each so small that no product of them overflows.
      inputShape: try section.required(.inputShape).list(example: "[28, 28, 1]", upTo: 3) {
        try $0.whole(in: 1...1 << 15)
      },
      elementType: try section.required(.elementType).anyText(),
      classes: try section.required(.classes).whole(in: ConfigurationNode.classes),
      classNames: try section.optional(.classNames)?.texts(),
      pixelMean: try ChannelFigures(try section.required(.pixelMean), .any),
      pixelDeviation: try ChannelFigures(try section.required(.pixelDeviation), .notNegative),
      source: try section.required(.source).anyText(), inputs: try NativePart(try section.required(.inputs)),
      labels: try NativePart(try section.required(.labels)))
    guard inputShape.count == 3 else {
      throw node.error("inputShape is \(inputShape), but must be height, width and channels")
    }
    try requireEachChannel(pixelMean, try section.required(.pixelMean))
    try requireEachChannel(pixelDeviation, try section.required(.pixelDeviation))
    guard classNames.map({ $0.count == classes }) ?? true else {
      throw node.error("classNames has \(classNames?.count ?? 0) names for \(classes) classes")
    }
  }

  private func requireEachChannel(_ figures: ChannelFigures, _ node: ConfigurationNode) throws {
    guard [1, inputShape[2]].contains(figures.values.count) else {
      throw node.error("\(node.path) has \(figures.values.count) figures for \(inputShape[2]) channels")
    }
  }
}

extension ChannelFigures {
  fileprivate init(_ node: ConfigurationNode, _ rule: NumberRule) throws {
    guard node.items != nil else {
      self.init(values: [try node.number(rule)])
      return
    }
    self.init(values: try node.list(example: "[0.5, 0.5, 0.5]") { try $0.number(rule) })
  }
}
