import Configuration

private enum NativeKey: String, SectionKey {
  case kind, name, split, rows, inputShape, elementType, classes, pixelMean, pixelDeviation, source, inputs, labels
}

extension ImageSchema {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<NativeKey>(node)
    self.init(
      name: try section.required(.name).anyText(), split: try section.required(.split).anyText(),
      rows: try section.required(.rows).whole(),
      // Each so small that no product of them overflows.
      inputShape: try section.required(.inputShape).list(example: "[28, 28, 1]", upTo: 3) {
        try $0.whole(in: 1...1 << 15)
      },
      elementType: try section.required(.elementType).anyText(),
      classes: try section.required(.classes).whole(in: ConfigurationNode.classes),
      pixelMean: try section.required(.pixelMean).number(.any),
      pixelDeviation: try section.required(.pixelDeviation).number(.notNegative),
      source: try section.required(.source).anyText(), inputs: try NativePart(try section.required(.inputs)),
      labels: try NativePart(try section.required(.labels)))
    guard inputShape.count == 3 else {
      throw node.error("inputShape is \(inputShape), but must be height, width and channels")
    }
  }
}
