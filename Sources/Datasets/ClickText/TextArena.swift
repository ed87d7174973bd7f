/// Memory for texts that do not stand in a line as they are: each stays where it is until all are forgotten.
final class TextArena {
  private var blocks: [UnsafeMutableBufferPointer<UInt8>] = []
  private var block = 0
  /// Bytes of that block.
  private var used = 0

  private static let blockSize = 1 << 16

  deinit {
    for block in blocks { block.deallocate() }
  }

  func forget() { (block, used) = (0, 0) }

  /// Room for `count` bytes.
  func take(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    while block < blocks.count, blocks[block].count - used < count { (block, used) = (block + 1, 0) }
    if block == blocks.count { blocks.append(.allocate(capacity: max(Self.blockSize, count))) }
    defer { used += count }
    return blocks[block].baseAddress! + used
  }

  /// The last bytes of what was taken last are not needed.
  func giveBack(_ count: Int) { used -= count }
}
