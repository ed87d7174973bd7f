import Buffers
import Testing

@Suite struct AlignedMemoryTests {
  /// Below, at and above the sizes from which memory is mapped by itself, and in huge pages.
  @Test(arguments: [0, 1, 63, 64, 100, 131_071, 131_072, 131_073, 2_097_151, 2_097_152, 2_097_153, 5_000_003])
  func isZeroedOnItsBoundaryAndCanBeWritten(byteCount: Int) {
    // What was there before and was written is not seen again.
    for _ in 0..<3 {
      let memory = AlignedMemory(byteCount: byteCount)
      let boundary = byteCount >= 2 << 20 ? 2 << 20 : AlignedMemory.alignment
      #expect(Int(bitPattern: memory.baseAddress) % boundary == 0 && memory.byteCount == byteCount)
      let bytes = UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: byteCount)
      #expect(bytes.allSatisfy { $0 == 0 })
      for index in bytes.indices { bytes[index] = 255 }
    }
  }

  @Test func severalDoNotOverlap() {
    let sizes = [10, 131_072, 200_000, 2_097_152, 3_000_000, 70]
    let memories = sizes.map { AlignedMemory(byteCount: $0) }
    for (number, memory) in memories.enumerated() {
      memory.baseAddress.initializeMemory(as: UInt8.self, repeating: UInt8(number + 1), count: memory.byteCount)
    }
    for (number, memory) in memories.enumerated() {
      let bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: memory.byteCount)
      #expect(bytes.allSatisfy { $0 == UInt8(number + 1) })
    }
  }
}
