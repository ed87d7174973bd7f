extension ConfigurationNode {
  /// Reads what Lockstep wrote as JSON.
  ///
  /// - Parameters:
  ///   - source: how errors name it: a file as the user named it.
  ///   - line: of its first byte, for errors; nil where lines are not counted.
  /// - Throws: `ConfigurationError`.
  package init(json bytes: UnsafeRawBufferPointer, source: String, line: Int? = 1) throws {
    var parser = JSONParser(bytes, source: source, line: line)
    self = try parser.root()
  }
}
