/// Mean and standard deviation of each channel's pixels in 0…1, over a whole set.
struct PixelStatistics: Equatable {
  /// One mean a channel.
  var means: [Double]
  /// One standard deviation a channel; that of the population, not of a sample; 0 where all pixels are alike.
  var deviations: [Double]

  init(means: [Double], deviations: [Double]) {
    precondition(means.count == deviations.count, "\(means.count) means and \(deviations.count) deviations")
    self.means = means
    self.deviations = deviations
  }

  /// Exact but for the last division: the 256 values are counted first.
  ///
  /// - Parameter channels: of a pixel, side by side.
  init(_ pixels: UnsafeBufferPointer<UInt8>, channels: Int) {
    let moments = Self.histograms(pixels, channels: channels).map(Self.moments)
    self.init(means: moments.map(\.mean), deviations: moments.map(\.deviation))
  }

  private static func moments(_ counts: [Int]) -> (mean: Double, deviation: Double) {
    let total = Double(max(counts.reduce(0, +), 1))
    let mean = counts.enumerated().reduce(0.0) { $0 + Double($1.offset) * Double($1.element) } / total
    let variance = counts.enumerated().reduce(0.0) {
      let distance = Double($1.offset) - mean
      return $0 + distance * distance * Double($1.element)
    }
    return (mean / 255, (variance / total).squareRoot() / 255)
  }

  /// At least four tables in turn, so that equal neighbours, which images are full of, do not wait for one another; as many
  /// for each channel.
  private static func histograms(_ pixels: UnsafeBufferPointer<UInt8>, channels: Int) -> [[Int]] {
    let lanes = channels * ((4 + channels - 1) / channels)
    var tables = [Int](repeating: 0, count: lanes * 256)
    tables.withUnsafeMutableBufferPointer { tables in
      var lane = 0
      for pixel in pixels {
        tables[lane << 8 | Int(pixel)] += 1
        lane += 1
        if lane == lanes { lane = 0 }
      }
    }
    return (0..<channels).map { channel in
      (0..<256).map { value in
        stride(from: channel, to: lanes, by: channels).reduce(0) { $0 + tables[$1 << 8 | value] }
      }
    }
  }
}
