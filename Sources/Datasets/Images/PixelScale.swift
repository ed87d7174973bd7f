import Configuration

/// From a pixel's bytes to what the model sees: one multiplication and one addition, for each channel its own.
package struct PixelScale: Equatable, Sendable {
  /// One factor a channel.
  package let factors: [Float]
  /// One offset a channel.
  package let offsets: [Float]
  /// Lanes of three channels; nil for any other number.
  private let rgb: RGBLanes?

  /// - Parameters:
  ///   - factors: by channel.
  ///   - offsets: by channel.
  package init(factors: [Float], offsets: [Float]) {
    precondition(
      !factors.isEmpty && factors.count == offsets.count, "\(factors.count) factors, \(offsets.count) offsets")
    self.factors = factors
    self.offsets = offsets
    rgb = factors.count == 3 ? RGBLanes(factors, offsets) : nil
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
    if factors.count == 1 { return apply(pixels, to: &values, factors[0], offsets[0]) }
    let done = rgb?.apply(pixels, to: &values) ?? 0
    for index in done..<pixels.count {
      let channel = index % factors.count
      values[index] = Float(pixels[index]) * factors[channel] + offsets[channel]
    }
  }

  private func apply(_ pixels: Span<UInt8>, to values: inout MutableSpan<Float>, _ factor: Float, _ offset: Float) {
    for index in pixels.indices { values[index] = Float(pixels[index]) * factor + offset }
  }
}

/// One multiplication and one addition of sixteen values: vectors whose lanes hold red, green and blue in turn, made once
/// for all images.
private struct RGBLanes: Equatable, Sendable {
  private struct Lanes: Equatable, Sendable {
    let factor: SIMD16<Float>
    let offset: SIMD16<Float>

    /// - Parameter first: the value of an image that the first lane stands for.
    init(_ factors: [Float], _ offsets: [Float], first: Int) {
      factor = SIMD16((first..<first + Self.count).map { factors[$0 % 3] })
      offset = SIMD16((first..<first + Self.count).map { offsets[$0 % 3] })
    }

    static let count = SIMD16<Float>.scalarCount

    @inline(__always)
    func apply(_ pixels: UnsafeRawBufferPointer, _ values: UnsafeMutableRawBufferPointer, at place: Int) {
      let bytes = pixels.loadUnaligned(fromByteOffset: place, as: SIMD16<UInt8>.self)
      values.storeBytes(
        of: SIMD16<Float>(bytes) * factor + offset, toByteOffset: MemoryLayout<Float>.stride * place,
        as: SIMD16<Float>.self)
    }
  }

  private let first: Lanes
  private let second: Lanes
  private let third: Lanes

  init(_ factors: [Float], _ offsets: [Float]) {
    first = Lanes(factors, offsets, first: 0)
    second = Lanes(factors, offsets, first: Lanes.count)
    third = Lanes(factors, offsets, first: 2 * Lanes.count)
  }

  /// - Returns: how many values it has made, from the first on; too few are left for all lanes.
  func apply(_ pixels: Span<UInt8>, to values: inout MutableSpan<Float>) -> Int {
    let width = 3 * Lanes.count
    let whole = pixels.count / width * width
    pixels.withUnsafeBytes { pixels in
      values.withUnsafeMutableBytes { values in
        for place in stride(from: 0, to: whole, by: width) {
          first.apply(pixels, values, at: place)
          second.apply(pixels, values, at: place + Lanes.count)
          third.apply(pixels, values, at: place + 2 * Lanes.count)
        }
      }
    }
    return whole
  }
}
