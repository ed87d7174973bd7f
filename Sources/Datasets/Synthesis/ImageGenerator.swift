import Buffers

/// Images of the shape of CIFAR-10 that can be learnt: a smooth pattern for each class, moved by a few pixels, half of them
/// mirrored, under noise. A sample is a pure function of this description and its number.
public struct ImageGenerator: Equatable, Sendable {
  /// For training.
  public var samples: Int
  /// For testing; they follow those for training.
  public var testSamples: Int
  /// Samples go through them in turn.
  public var classes: Int
  /// From 0 to 1: how far a pattern reaches from grey; the noise is even and reaches over all values.
  public var signal: Double
  /// Pixels, at most, in both directions.
  public var shift: Int
  /// Everything random comes from it.
  public var seed: UInt64

  /// `[height, width, channels]`
  public static let shape = CIFAR.shape

  /// Cells of a pattern, in both directions.
  private static let cells = 4

  private enum Purpose: UInt64 {
    case patterns = 0x7061_7474_65726E  // "pattern"
    case samples = 0x696D_6167_65  // "image"
  }

  /// - Parameter signal: from 0 to 1.
  public init(samples: Int, testSamples: Int, classes: Int = 10, signal: Double = 0.2, shift: Int = 4, seed: UInt64 = 1)
  {
    self.samples = samples
    self.testSamples = testSamples
    self.classes = classes
    self.signal = signal
    self.shift = shift
    self.seed = seed
  }

  /// Writes `train.lockstep` and `test.lockstep`, which replace older ones.
  ///
  /// - Throws: `DatasetError`, `FileError`; then the folder holds what it held before.
  public func write(to folder: String) throws -> [ImageConversion.Output] {
    try ImageConversion.makeFolder(folder)
    let source = ImageSource(
      train: images(0..<samples, folder), test: images(samples..<samples + testSamples, folder),
      files: "lockstep synthesize images, seed \(seed), signal \(signal), shift \(shift)")
    return try ImageConversion.write(source, name: DatasetFolder.name(of: folder), to: folder)
  }

  func images(_ numbers: Range<Int>, _ path: String) -> LabelledImages {
    let buffer = ImageBuffer(count: numbers.count, shape: Self.shape)
    let patterns = (0..<classes).map { pattern($0) }
    let random = Philox(seed, Purpose.samples.rawValue)
    for (row, number) in numbers.enumerated() {
      let label = number % classes
      buffer.labels[row] = Int32(label)
      draw(patterns[label], UInt64(number), random, buffer.pixels(of: row))
    }
    return buffer.images(path: path, classes: classes)
  }

  /// `[height, width, channels]`, from −1 to 1.
  private func pattern(_ label: Int) -> [Float] {
    let shape = Self.shape
    let random = Philox(seed, Purpose.patterns.rawValue, UInt64(label))
    let coarse = (0..<Self.cells * Self.cells * shape[2]).map { 2 * Philox.unit(random.block(UInt64($0), 0).x) - 1 }
    return ImageResampling.resized(
      coarse, ImageSize(height: Self.cells, width: Self.cells), channels: shape[2],
      to: ImageSize(height: shape[0], width: shape[1]))
  }

  /// Beyond a pattern's edge it goes on with its last pixel.
  private func draw(
    _ pattern: [Float], _ number: UInt64, _ random: Philox, _ pixels: UnsafeMutableBufferPointer<UInt8>
  ) {
    let (height, width, channels) = (Self.shape[0], Self.shape[1], Self.shape[2])
    let words = random.block(number, 0)
    let moves = [words.x, words.y].map { Int((UInt64($0) * UInt64(2 * shift + 1)) >> 32) - shift }
    let isMirrored = words.z & 1 == 1
    var noise = Philox.Block()
    for place in pixels.indices {
      // A byte of noise for each value.
      if place % 16 == 0 { noise = random.block(number, UInt64(1 + place / 16)) }
      let byte = noise[place / 4 % 4] >> UInt32(8 * (place % 4)) & 0xFF
      let (pixel, channel) = place.quotientAndRemainder(dividingBy: channels)
      let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
      let source =
        min(max(row + moves[0], 0), height - 1) * width
        + min(max((isMirrored ? width - 1 - column : column) + moves[1], 0), width - 1)
      let value = Float(signal) * pattern[source * channels + channel] + Float(byte) / 127.5 - 1
      pixels[place] = UInt8(min(max(127.5 + 63.75 * value, 0), 255).rounded())
    }
  }
}
