import Buffers
import Configuration

/// A `.lockstep` file: mapped, never parsed, and verified as a whole when it is opened.
struct ImageFile {
  let path: String
  let byteCount: Int
  /// Version of the container.
  let version: UInt32
  let schema: ImageSchema
  let images: LabelledImages

  static func open(_ path: String) throws -> ImageFile {
    let memory = try MappedFile.open(path)
    let (schema, start) = try NativeHeader.read(memory, path) { try ImageSchema($0) }
    let size = try sampleSize(schema, path)
    let inputs = try section(memory, path, "inputs", schema.inputs, at: start, expected: schema.rows, size)
    let labelStart = NativeHeader.alignedEnd(start + schema.inputs.bytes)
    let labels = try section(
      memory, path, "labels", schema.labels, at: labelStart, expected: schema.rows, MemoryLayout<Int32>.stride)
    let end = labelStart + schema.labels.bytes
    guard memory.byteCount == end else {
      throw DatasetError(
        file: path,
        "\(memory.byteCount - end) bytes follow its end, at byte \(end): make it again with lockstep convert")
    }
    let images = LabelledImages(
      path: path, shape: Shape(schema.inputShape), pixels: inputs.bindMemory(to: UInt8.self),
      labels: labels.bindMemory(to: Int32.self), classes: schema.classes, memory: [memory])
    for (row, label) in images.labels.enumerated() where label < 0 || label >= schema.classes {
      throw LabelRange.error(path, label: Int(label), row: row, classes: schema.classes)
    }
    return ImageFile(
      path: path, byteCount: memory.byteCount, version: NativeHeader.version(memory), schema: schema, images: images)
  }

  /// Bytes of one sample.
  private static func sampleSize(_ schema: ImageSchema, _ path: String) throws -> Int {
    guard schema.elementType == "uint8" else {
      throw DatasetError(file: path, "its inputs are \(schema.elementType.shown); this program reads uint8")
    }
    return schema.inputShape.reduce(1, *)
  }

  private static func section(
    _ memory: AlignedMemory, _ path: String, _ name: String, _ section: NativePart, at offset: Int,
    expected rows: Int, _ size: Int
  ) throws -> UnsafeRawBufferPointer {
    let (bytes, overflows) = rows.multipliedReportingOverflow(by: size)
    guard !overflows, section.bytes == bytes else {
      throw DatasetError(file: path, "its schema gives \(section.bytes) bytes of \(name) to \(rows) samples of \(size)")
    }
    guard memory.byteCount >= offset, memory.byteCount - offset >= bytes else {
      throw NativeHeader.cutShort(path, memory.byteCount)
    }
    let found = UnsafeRawBufferPointer(rebasing: memory.bytes[offset..<offset + bytes])
    guard Checksum.crc32(found) == section.crc32 else { throw NativeHeader.wrongChecksum(path, name, offset) }
    return found
  }
}
