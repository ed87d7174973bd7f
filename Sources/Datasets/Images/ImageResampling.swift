import Buffers

/// One axis of an image from a stretch of it to another number of pixels: bilinear, and where pixels become fewer with a filter
/// as wide as what becomes one of them, so that no detail turns into noise.
///
/// The triangle filter of Pillow's `Image.resize`; without its widening that of `torch.nn.functional.interpolate`.
struct AxisResampling {
  /// For each new pixel the first old one that it is made of.
  private(set) var firsts: [Int] = []
  /// For each new pixel `taps` weights, whose sum is 1.
  private(set) var weights: [Float] = []
  /// Old pixels that a new one is made of, at most.
  private(set) var taps = 0

  /// - Parameters:
  ///   - start: of the stretch, in old pixels.
  ///   - length: of the stretch, in old pixels.
  ///   - size: old pixels there are.
  ///   - count: new pixels.
  mutating func set(from start: Double, length: Double, of size: Int, to count: Int) {
    let scale = length / Double(count)
    let reach = max(scale, 1)
    taps = min(Int(reach * 2) + 2, size)
    firsts.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    for pixel in 0..<count {
      let centre = start + (Double(pixel) + 0.5) * scale
      let first = min(max(Int((centre - reach + 0.5).rounded(.down)), 0), size - taps)
      let place = weights.count
      var sum: Float = 0
      for tap in 0..<taps {
        let weight = Float(max(1 - abs((Double(first + tap) + 0.5 - centre) / reach), 0))
        weights.append(weight)
        sum += weight
      }
      for tap in place..<weights.count { weights[tap] /= sum }
      firsts.append(first)
    }
  }
}

/// Both axes of an image.
package struct ImageResampling {
  private(set) var rows = AxisResampling()
  private(set) var columns = AxisResampling()

  /// Where an image is cut from another.
  struct Window: Equatable {
    /// In pixels.
    var top, left, height, width: Double
  }

  init() {}

  /// - Parameters:
  ///   - window: of an image of `size`.
  ///   - target: what it becomes.
  mutating func set(_ window: Window, of size: ImageSize, to target: ImageSize) {
    rows.set(from: window.top, length: window.height, of: size.height, to: target.height)
    columns.set(from: window.left, length: window.width, of: size.width, to: target.width)
  }

  /// - Parameters:
  ///   - source: `[height, width, channels]`
  ///   - width: of the source.
  ///   - middle: room for `[height, new width, channels]`
  ///   - target: `[new height, new width, channels]`
  func apply(
    _ source: UnsafeBufferPointer<Float>, width: Int, channels: Int, middle: UnsafeMutableBufferPointer<Float>,
    to target: UnsafeMutableBufferPointer<Float>
  ) {
    let made = columns.firsts.count
    for row in 0..<source.count / (width * channels) {
      for (column, first) in columns.firsts.enumerated() {
        let weights = columns.weights[column * columns.taps..<(column + 1) * columns.taps]
        for channel in 0..<channels {
          var sum: Float = 0
          var place = (row * width + first) * channels + channel
          for weight in weights {
            sum += weight * source[place]
            place += channels
          }
          middle[(row * made + column) * channels + channel] = sum
        }
      }
    }
    let line = made * channels
    for (row, first) in rows.firsts.enumerated() {
      for place in 0..<line { target[row * line + place] = 0 }
      for tap in 0..<rows.taps {
        let weight = rows.weights[row * rows.taps + tap]
        for place in 0..<line { target[row * line + place] += weight * middle[(first + tap) * line + place] }
      }
    }
  }

  /// A whole image to another size; one of the same size is copied as it is.
  static func resize(_ image: DecodedImage, to pixels: UnsafeMutableBufferPointer<UInt8>, _ shape: Shape) {
    let size = ImageSize(height: shape[0], width: shape[1])
    guard size != image.size else {
      _ = pixels.update(fromContentsOf: image.pixels)
      return
    }
    let values = resized(image.pixels.map { Float($0) }, image.size, channels: image.channels, to: size)
    for (place, value) in values.enumerated() { pixels[place] = UInt8(min(max(value.rounded(), 0), 255)) }
  }

  /// - Parameters:
  ///   - source: `[height, width, channels]`
  ///   - size: of the source.
  /// - Returns: `[new height, new width, channels]`
  package static func resized(_ source: [Float], _ size: ImageSize, channels: Int, to target: ImageSize) -> [Float] {
    var resampling = ImageResampling()
    resampling.set(
      Window(top: 0, left: 0, height: Double(size.height), width: Double(size.width)), of: size, to: target)
    var middle = [Float](repeating: 0, count: size.height * target.width * channels)
    var values = [Float](repeating: 0, count: target.height * target.width * channels)
    source.withUnsafeBufferPointer { source in
      middle.withUnsafeMutableBufferPointer { middle in
        values.withUnsafeMutableBufferPointer { values in
          resampling.apply(source, width: size.width, channels: channels, middle: middle, to: values)
        }
      }
    }
    return values
  }
}
