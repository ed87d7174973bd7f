import Configuration

/// From a pixel's bytes to what the model sees: one multiplication and one addition, for each channel its own.
package struct PixelScale: Equatable, Sendable {
  /// By channel.
  package let factors: [Float]
  /// By channel.
  package let offsets: [Float]

  /// - Parameters:
  ///   - factors: by channel.
  ///   - offsets: by channel.
  package init(factors: [Float], offsets: [Float]) {
    precondition(
      !factors.isEmpty && factors.count == offsets.count, "\(factors.count) factors, \(offsets.count) offsets")
    self.factors = factors
    self.offsets = offsets
  }

  /// `standard` is (pixel ÷ 255 − mean) ÷ deviation, by channel; a channel of equal pixels is only centred.
  init(_ normalization: DataConfiguration.Normalization, _ statistics: PixelStatistics) {
    switch normalization {
    case .unit:
      self.init(
        factors: statistics.means.map { _ in Float(1.0 / 255) }, offsets: statistics.means.map { _ in 0 })
    case .standard:
      let deviations = statistics.deviations.map { $0 > 0 ? $0 : 1 }
      self.init(
        factors: deviations.map { Float(1 / (255 * $0)) },
        offsets: zip(statistics.means, deviations).map { Float(-$0 / $1) })
    }
  }

  /// Not a fused multiply-add, which is a slow call where the build may not use the instruction; either way every
  /// machine gets the same bits.
  ///
  /// - Parameter pixels: whole ones, their channels side by side.
  package func apply(_ pixels: Span<UInt8>, to values: inout MutableSpan<Float>) {
    precondition(pixels.count == values.count, "\(pixels.count) pixels for \(values.count) values")
    precondition(pixels.count.isMultiple(of: factors.count), "\(pixels.count) values of \(factors.count) channels")
    switch factors.count {
    case 1: apply(pixels, to: &values, factors[0], offsets[0])
    case 3: applyRGB(pixels, to: &values)
    default:
      for index in pixels.indices {
        let channel = index % factors.count
        values[index] = Float(pixels[index]) * factors[channel] + offsets[channel]
      }
    }
  }

  private func apply(_ pixels: Span<UInt8>, to values: inout MutableSpan<Float>, _ factor: Float, _ offset: Float) {
    for index in pixels.indices { values[index] = Float(pixels[index]) * factor + offset }
  }

  /// Sixteen pixels at a time, three vectors whose lanes hold red, green and blue in turn.
  private func applyRGB(_ pixels: Span<UInt8>, to values: inout MutableSpan<Float>) {
    let lanes = 16
    let pattern = { (values: [Float], vector: Int) in
      SIMD16<Float>((0..<lanes).map { values[(vector * lanes + $0) % 3] })
    }
    let factor = (pattern(factors, 0), pattern(factors, 1), pattern(factors, 2))
    let offset = (pattern(offsets, 0), pattern(offsets, 1), pattern(offsets, 2))
    let whole = pixels.count / (3 * lanes) * (3 * lanes)
    pixels.withUnsafeBytes { pixels in
      values.withUnsafeMutableBytes { values in
        let scale = { (place: Int, factor: SIMD16<Float>, offset: SIMD16<Float>) in
          let bytes = pixels.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
          values.storeBytes(of: SIMD16<Float>(bytes) * factor + offset, toByteOffset: 4 * place, as: SIMD16<Float>.self)
        }
        for place in stride(from: 0, to: whole, by: 3 * lanes) {
          scale(place, factor.0, offset.0)
          scale(place + lanes, factor.1, offset.1)
          scale(place + 2 * lanes, factor.2, offset.2)
        }
      }
    }
    for index in whole..<pixels.count { values[index] = Float(pixels[index]) * factors[index % 3] + offsets[index % 3] }
  }
}
