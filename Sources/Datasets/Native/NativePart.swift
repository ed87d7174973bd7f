import Configuration

/// A stretch of a `.lockstep` file, as its header states it.
struct NativePart: Encodable, Equatable {
  var bytes: Int
  var crc32: UInt32
}

private enum NativePartKey: String, SectionKey { case bytes, crc32 }

extension NativePart {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<NativePartKey>(node)
    self.init(
      bytes: try section.required(.bytes).whole(in: ConfigurationNode.samples),
      crc32: try section.required(.crc32).crc32())
  }
}

extension ConfigurationNode {
  func crc32() throws -> UInt32 { UInt32(try whole(in: 0...Int(UInt32.max))) }
}
