import Configuration

private enum ClickHeaderKey: String, SectionKey {
  case kind, split, shard, shards, rows, rowsPerShard, positives, dense, fields, weighted, blockRows, set, source,
    schema,
    checksums, schemaFile
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
      weighted: try section.optional(.weighted)?.flag(),
      blockRows: try section.required(.blockRows).whole(in: rows), set: try section.required(.set).crc32(),
      source: try section.required(.source).anyText(),
      schema: try NativePart(try section.required(.schema)),
      checksums: try NativePart(try section.required(.checksums)),
      schemaFile: try section.optional(.schemaFile)?.anyText())
  }
}
