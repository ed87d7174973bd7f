import Buffers

/// How a file is packed, by its first bytes, whatever its name says.
enum Packing: String {
  case none, gzip, xz

  /// Bytes that tell.
  static let signatureSize = 6

  init(_ start: some Collection<UInt8>) {
    if start.starts(with: [0x1F, 0x8B]) {
      self = .gzip
    } else {
      self = start.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) ? .xz : .none
    }
  }

  /// Nil where there is nothing to unpack.
  ///
  /// - Parameter file: for errors.
  /// - Throws: `DatasetError` where there is no memory for it.
  func unpacker(_ file: String) throws -> (any Unpacker)? {
    switch self {
    case .none: nil
    case .gzip: try GzipUnpacker(file)
    case .xz: try XZUnpacker(file)
    }
  }
}

extension Unpacker {
  /// All of a packed file at once, checked against its own checksums.
  ///
  /// - Throws: `DatasetError` where the data is corrupt, cut short or followed by something else.
  func unpackAll(_ packed: AlignedMemory) throws -> AlignedMemory {
    // Room for what images usually need. More is taken as data comes: the size that a file states may be anything.
    var output = AlignedMemory(byteCount: 1024 + 4 * packed.byteCount)
    var (position, produced) = (0, 0)
    while true {
      if produced == output.byteCount { output = output.grown() }
      let input = UnsafeRawBufferPointer(rebasing: packed.bytes[position...])
      let room = UnsafeMutableRawBufferPointer(
        start: output.baseAddress + produced, count: output.byteCount - produced)
      let (taken, made) = try unpack(input, isLast: true, into: room)
      position += taken
      produced += made
      try UnpackedSize.require(produced, from: packed.byteCount, path)
      guard taken == 0, made == 0 else { continue }
      guard isAtBoundary, position == packed.byteCount else {
        throw error("ends too early, at byte \(position) of the file")
      }
      return AlignedMemory(borrowing: output.baseAddress, byteCount: produced, owner: output)
    }
  }
}

extension AlignedMemory {
  /// A copy with twice the room.
  func grown() -> AlignedMemory {
    let larger = AlignedMemory(byteCount: 2 * byteCount)
    larger.baseAddress.copyMemory(from: baseAddress, byteCount: byteCount)
    return larger
  }
}
