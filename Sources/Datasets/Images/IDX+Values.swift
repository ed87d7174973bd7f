import Buffers

extension IDX.File {
  private var content: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory.bytes[header.byteCount...]) }

  /// The pixels of all images, as they lie in the file where it holds unsigned bytes, else a copy.
  ///
  /// - Throws: `DatasetError` for a value that no pixel has.
  func pixels() throws -> (values: UnsafeBufferPointer<UInt8>, memory: AlignedMemory) {
    if header.element == .unsignedByte { return (content.bindMemory(to: UInt8.self), memory) }
    let count = self.count * shape.count
    let copy = AlignedMemory(byteCount: count)
    let pixels = copy.baseAddress.bindMemory(to: UInt8.self, capacity: count)
    for place in 0..<count {
      let value = value(at: place)
      guard let pixel = UInt8(exactly: value) else { throw pixelError(value, at: place) }
      pixels[place] = pixel
    }
    return (UnsafeBufferPointer(start: pixels, count: count), copy)
  }

  /// - Throws: `DatasetError` for one that is no class.
  func labels(classes: Int) throws -> [Int] {
    try (0..<count).map { row in
      let value = value(at: row)
      guard let label = Int(exactly: value) else {
        throw DatasetError(file: path, "\(words): the label of row \(row) is \(value), not a whole number")
      }
      guard 0..<classes ~= label else { throw LabelRange.error(path, label: label, row: row, classes: classes) }
      return label
    }
  }

  /// Doubles hold all values of all types.
  private func value(at place: Int) -> Double {
    let bytes = content
    func word<Word: FixedWidthInteger>(_: Word.Type) -> Word {
      Word(bigEndian: bytes.loadUnaligned(fromByteOffset: place * MemoryLayout<Word>.size, as: Word.self))
    }
    switch header.element {
    case .unsignedByte: return Double(bytes[place])
    case .signedByte: return Double(word(Int8.self))
    case .short: return Double(word(Int16.self))
    case .int: return Double(word(Int32.self))
    case .float: return Double(Float(bitPattern: word(UInt32.self)))
    case .double: return Double(bitPattern: word(UInt64.self))
    }
  }

  private func pixelError(_ value: Double, at place: Int) -> DatasetError {
    DatasetError(
      file: path,
      "\(words): image \(place / shape.count) has a pixel of \(value), but pixels are whole numbers from 0 to 255: scale and "
        + "round them, and write them as unsigned bytes (type 0x08)")
  }

  /// Images as PyTorch has them in memory would be read as many rows of few pixels.
  ///
  /// - Throws: `DatasetError` where the channels seem to come first.
  func requireChannelsLast() throws {
    let extents = header.dimensions
    guard extents.count == 4, extents[1] <= 4, extents[2] > 4, extents[3] > 4 else { return }
    throw DatasetError(
      file: path,
      "\(words), \(extents.map(String.init).joined(separator: " × ")), whose channels seem to come before its rows: write it "
        + "as (images, rows, columns, channels), in NumPy by transpose(0, 2, 3, 1)")
  }
}
