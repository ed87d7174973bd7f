import Configuration

/// From a pixel's byte to what the model sees: one multiplication and one addition.
package struct PixelScale: Equatable, Sendable {
  package let factor: Float
  package let offset: Float

  package init(factor: Float, offset: Float) {
    self.factor = factor
    self.offset = offset
  }

  /// `standard` is (pixel ÷ 255 − mean) ÷ deviation; a set of equal pixels is only centred.
  init(_ normalization: DataConfiguration.Normalization, _ statistics: PixelStatistics) {
    switch normalization {
    case .unit: self.init(factor: Float(1.0 / 255), offset: 0)
    case .standard:
      let deviation = statistics.deviation > 0 ? statistics.deviation : 1
      self.init(factor: Float(1 / (255 * deviation)), offset: Float(-statistics.mean / deviation))
    }
  }

  /// Not a fused multiply-add, which is a slow call where the build may not use the instruction; either way every
  /// machine gets the same bits.
  package func apply(_ pixels: Span<UInt8>, to values: inout MutableSpan<Float>) {
    precondition(pixels.count == values.count, "\(pixels.count) pixels for \(values.count) values")
    for index in pixels.indices { values[index] = Float(pixels[index]) * factor + offset }
  }
}
