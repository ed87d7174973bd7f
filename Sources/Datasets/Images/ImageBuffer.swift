import Buffers

/// Room for images and labels that are still to be written.
struct ImageBuffer: @unchecked Sendable {
  // Unchecked: whoever fills it says who writes which row.

  let count: Int
  /// `[height, width, channels]`
  let shape: Shape
  let labels: UnsafeMutableBufferPointer<Int32>
  private let pixels: UnsafeMutableBufferPointer<UInt8>
  private let memory: [AlignedMemory]

  init(count: Int, shape: Shape) {
    self.count = count
    self.shape = shape
    memory = [
      AlignedMemory(byteCount: count * shape.count), AlignedMemory(byteCount: count * MemoryLayout<Int32>.stride),
    ]
    pixels = UnsafeMutableBufferPointer(
      start: memory[0].baseAddress.bindMemory(to: UInt8.self, capacity: count * shape.count), count: count * shape.count
    )
    labels = UnsafeMutableBufferPointer(
      start: memory[1].baseAddress.bindMemory(to: Int32.self, capacity: count), count: count)
  }

  /// `shape.count` bytes.
  func pixels(of row: Int) -> UnsafeMutableBufferPointer<UInt8> {
    UnsafeMutableBufferPointer(rebasing: pixels[row * shape.count..<(row + 1) * shape.count])
  }

  /// - Parameter path: where they came from, for errors.
  func images(path: String, classes: Int) -> LabelledImages {
    LabelledImages(
      path: path, shape: shape, pixels: UnsafeBufferPointer(pixels), labels: UnsafeBufferPointer(labels),
      classes: classes, memory: memory)
  }
}
