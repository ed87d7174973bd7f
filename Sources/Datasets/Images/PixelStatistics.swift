/// Mean and standard deviation of pixels in 0…1, over a whole set.
struct PixelStatistics: Equatable {
  var mean: Double
  /// Of the population, not of a sample; 0 where all pixels are alike.
  var deviation: Double

  init(mean: Double, deviation: Double) {
    self.mean = mean
    self.deviation = deviation
  }

  /// Exact but for the last division: the 256 values are counted first.
  init(_ pixels: UnsafeBufferPointer<UInt8>) {
    let counts = Self.histogram(pixels)
    let total = Double(max(pixels.count, 1))
    let mean = counts.enumerated().reduce(0.0) { $0 + Double($1.offset) * Double($1.element) } / total
    let variance = counts.enumerated().reduce(0.0) {
      let distance = Double($1.offset) - mean
      return $0 + distance * distance * Double($1.element)
    }
    self.mean = mean / 255
    deviation = (variance / total).squareRoot() / 255
  }

  /// Four tables in turn, so that equal neighbours, which images are full of, do not wait for one another.
  private static func histogram(_ pixels: UnsafeBufferPointer<UInt8>) -> [Int] {
    var tables = [Int](repeating: 0, count: 4 * 256)
    tables.withUnsafeMutableBufferPointer { tables in
      for index in pixels.indices { tables[(index & 3) << 8 | Int(pixels[index])] += 1 }
    }
    return (0..<256).map { tables[$0] + tables[256 + $0] + tables[512 + $0] + tables[768 + $0] }
  }
}
