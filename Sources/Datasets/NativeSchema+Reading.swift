import Configuration

private enum NativeKey: String, SectionKey {
  case kind, name, split, rows, inputShape, elementType, classes, pixelMean, pixelDeviation, source, inputs, labels
}

extension NativeSchema {
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
      source: try section.required(.source).anyText(), inputs: try Part(try section.required(.inputs)),
      labels: try Part(try section.required(.labels)))
    guard inputShape.count == 3 else {
      throw node.error("inputShape is \(inputShape), but must be height, width and channels")
    }
  }
}

private enum NativePartKey: String, SectionKey { case bytes, crc32 }

extension NativeSchema.Part {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<NativePartKey>(node)
    self.init(
      bytes: try section.required(.bytes).whole(in: ConfigurationNode.samples),
      crc32: try section.required(.crc32).crc32())
  }
}

extension ConfigurationNode {
  fileprivate func crc32() throws -> UInt32 { UInt32(try whole(in: 0...Int(UInt32.max))) }
}

private enum ClickHeaderKey: String, SectionKey {
  case kind, split, shard, shards, rows, rowsPerShard, positives, dense, fields, blockRows, set, source, schema,
    checksums
}

extension ClickHeader {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<ClickHeaderKey>(node)
    let (rows, columns) = (1...Self.mostRowsPerShard, 0...1 << 16)
    self.init(
      kind: try section.required(.kind).anyText(), split: try section.required(.split).anyText(),
      shard: try section.required(.shard).whole(in: 0...1 << 30),
      shards: try section.required(.shards).whole(in: 1...1 << 30), rows: try section.required(.rows).whole(in: rows),
      rowsPerShard: try section.required(.rowsPerShard).whole(in: rows),
      positives: try section.required(.positives).whole(in: 0...rows.upperBound),
      dense: try section.required(.dense).whole(in: columns), fields: try section.required(.fields).whole(in: columns),
      blockRows: try section.required(.blockRows).whole(in: rows), set: try section.required(.set).crc32(),
      source: try section.required(.source).anyText(),
      schema: try NativeSchema.Part(try section.required(.schema)),
      checksums: try NativeSchema.Part(try section.required(.checksums)))
  }
}
