import Buffers
import Configuration
import Foundation

/// The random changes of one image, in this order: crop, mirror, shift, noise.
struct Augmentation: Sendable {
  private let configuration: AugmentationConfiguration
  private let size: ImageSize
  private let channels: Int

  /// Sets this stream apart from other uses of the same seed.
  private static let purpose: UInt64 = 0x6175_676D_656E_74  // "augment"
  /// A sample's blocks of random words, by what they are for: shift and mirror from the first, crops from the next, noise from
  /// far behind.
  private static let firstCrop: UInt64 = 1
  private static let noise: UInt64 = 1 << 32

  /// - Parameter shape: of the images, `[height, width, channels]`.
  init(_ configuration: AugmentationConfiguration, _ shape: Shape) {
    self.configuration = configuration
    size = ImageSize(height: shape[0], width: shape[1])
    channels = shape[2]
  }

  static func random(seed: UInt64, epoch: Int, view: Int) -> Philox {
    Philox(seed, purpose, UInt64(epoch) | UInt64(view) << 32)
  }

  /// - Parameters:
  ///   - image: `[height, width, channels]`, normalised.
  ///   - scratch: room for two images.
  func apply(
    to image: UnsafeMutableBufferPointer<Float>, _ random: Philox, _ sample: UInt64,
    _ resampling: inout ImageResampling,
    _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    let words = random.block(sample, 0)
    if let crop = configuration.crop {
      let window = Self.window(crop, size, random, sample)
      if window != Self.whole(size) { cut(window, from: image, &resampling, scratch) }
    }
    if configuration.mirror, words.x & 1 == 1 { mirror(image) }
    if let shift = configuration.shift {
      move(image, down: Self.offset(words.y, shift), right: Self.offset(words.z, shift))
    }
    if let noise = configuration.noise { add(Float(noise), to: image, random, sample) }
  }

  /// −shift … shift, evenly.
  private static func offset(_ word: UInt32, _ shift: Int) -> Int {
    Int((UInt64(word) * UInt64(2 * shift + 1)) >> 32) - shift
  }

  static func whole(_ size: ImageSize) -> ImageResampling.Window {
    ImageResampling.Window(top: 0, left: 0, height: Double(size.height), width: Double(size.width))
  }

  /// As torchvision's `RandomResizedCrop`: ten tries for one that fits, then the largest in the middle whose aspect is
  /// allowed.
  static func window(
    _ crop: AugmentationConfiguration.Crop, _ size: ImageSize, _ random: Philox, _ sample: UInt64
  ) -> ImageResampling.Window {
    let (rows, columns) = (Double(size.height), Double(size.width))
    for attempt in 0..<UInt64(10) {
      let words = random.block(sample, firstCrop + attempt)
      let unit = { (word: UInt32) in Double(Philox.unit(word)) }
      let area = rows * columns * (crop.area[0] + unit(words.x) * (crop.area[1] - crop.area[0]))
      let aspect = exp(log(crop.aspect[0]) + unit(words.y) * log(crop.aspect[1] / crop.aspect[0]))
      let (height, width) = ((area / aspect).squareRoot().rounded(), (area * aspect).squareRoot().rounded())
      guard 1...rows ~= height, 1...columns ~= width else { continue }
      return ImageResampling.Window(
        top: (unit(words.z) * (rows - height + 1)).rounded(.down),
        left: (unit(words.w) * (columns - width + 1)).rounded(.down), height: height, width: width)
    }
    let aspect = min(max(columns / rows, crop.aspect[0]), crop.aspect[1])
    let height = min(rows, max(1, (columns / aspect).rounded()))
    let width = min(columns, max(1, (rows * aspect).rounded()))
    return ImageResampling.Window(
      top: ((rows - height) / 2).rounded(.down), left: ((columns - width) / 2).rounded(.down), height: height,
      width: width)
  }

  private func cut(
    _ window: ImageResampling.Window, from image: UnsafeMutableBufferPointer<Float>,
    _ resampling: inout ImageResampling, _ scratch: UnsafeMutableBufferPointer<Float>
  ) {
    let source = UnsafeMutableBufferPointer(rebasing: scratch[..<image.count])
    let middle = UnsafeMutableBufferPointer(rebasing: scratch[image.count...])
    _ = source.update(fromContentsOf: image)
    resampling.set(window, of: size, to: size)
    resampling.apply(
      UnsafeBufferPointer(source), width: size.width, channels: channels, middle: middle, to: image)
  }

  private func mirror(_ image: UnsafeMutableBufferPointer<Float>) {
    for row in 0..<size.height {
      let start = row * size.width * channels
      for column in 0..<size.width / 2 {
        let left = start + column * channels
        let right = start + (size.width - 1 - column) * channels
        for channel in 0..<channels { image.swapAt(left + channel, right + channel) }
      }
    }
  }

  /// Rows and columns that come in from outside are 0.
  private func move(_ image: UnsafeMutableBufferPointer<Float>, down: Int, right: Int) {
    let line = size.width * channels
    for step in 0..<size.height {
      // Down from the last row, up from the first: none is overwritten before it is read.
      let row = down > 0 ? size.height - 1 - step : step
      let target = image.baseAddress! + row * line
      guard 0..<size.height ~= row - down else {
        target.update(repeating: 0, count: line)
        continue
      }
      let source = image.baseAddress! + (row - down) * line
      let (empty, kept) = (abs(right) * channels, line - abs(right) * channels)
      // Source and target overlap where only columns move.
      memmove(target + (right > 0 ? empty : 0), source + (right > 0 ? 0 : empty), kept * MemoryLayout<Float>.stride)
      (target + (right > 0 ? 0 : kept)).update(repeating: 0, count: empty)
    }
  }

  /// Four from each block.
  private func add(
    _ deviation: Float, to image: UnsafeMutableBufferPointer<Float>, _ random: Philox, _ sample: UInt64
  ) {
    for start in stride(from: 0, to: image.count, by: 4) {
      let words = random.block(sample, Self.noise + UInt64(start / 4))
      let first = Philox.normals(words.x, words.y, deviation: deviation)
      let second = Philox.normals(words.z, words.w, deviation: deviation)
      let values = SIMD4(first.0, first.1, second.0, second.1)
      for index in start..<min(start + 4, image.count) { image[index] += values[index - start] }
    }
  }
}
