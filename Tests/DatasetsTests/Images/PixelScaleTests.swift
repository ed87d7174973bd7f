import Datasets
import Foundation
import Testing

@Suite struct PixelScaleTests {
  @Test(arguments: [0, 1, 7, 8, 31, 784, 785])
  func everyPixelIsScaled(count: Int) {
    let pixels = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
    var values = [Float](repeating: .nan, count: count)
    var span = values.mutableSpan
    PixelScale(factors: [0.0111], offsets: [-0.8102]).apply(pixels.span, to: &span)
    #expect(values == pixels.map { Float($0) * Float(0.0111) + Float(-0.8102) })
  }

  @Test(arguments: [2, 3, 4], [0, 1, 15, 16, 17, 31, 1024])
  func everyChannelHasItsOwnScale(channels: Int, count: Int) {
    let pixels = (0..<count * channels).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let factors = (0..<channels).map { Float($0 + 1) * 0.0111 }
    let offsets = (0..<channels).map { Float($0) * -0.31 }
    var values = [Float](repeating: .nan, count: pixels.count)
    var span = values.mutableSpan
    PixelScale(factors: factors, offsets: offsets).apply(pixels.span, to: &span)
    let expected: [Float] = pixels.enumerated().map { index, pixel in
      Float(pixel) * factors[index % channels] + offsets[index % channels]
    }
    #expect(values == expected)
  }
}
