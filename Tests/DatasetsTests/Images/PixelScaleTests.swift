import Datasets
import Foundation
import Testing

@Suite struct PixelScaleTests {
  @Test(arguments: [0, 1, 7, 8, 31, 784, 785])
  func everyPixelIsScaled(count: Int) {
    let pixels = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
    var values = [Float](repeating: .nan, count: count)
    var span = values.mutableSpan
    PixelScale(factor: 0.0111, offset: -0.8102).apply(pixels.span, to: &span)
    #expect(values == pixels.map { Float($0) * Float(0.0111) + Float(-0.8102) })
  }
}
