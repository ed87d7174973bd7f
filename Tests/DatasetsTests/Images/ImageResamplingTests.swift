import Datasets
import Foundation
import Testing

/// Against Pillow's `Image.resize` with its bilinear filter.
@Suite struct ImageResamplingTests {
  private static let size = ImageSize(height: 6, width: 8)
  private static let image: [Float] = grid(6, 8, 3) { row, column, channel in
    Float([column * 30, row * 40, (row + column) * 15][channel])
  }

  @Test func smaller() {
    let values = ImageResampling.resized(Self.image, Self.size, channels: 3, to: ImageSize(height: 2, width: 3))
    let pillow: [Float] = [33, 50, 36, 105, 50, 72, 177, 50, 107, 33, 150, 73, 105, 150, 109, 177, 150, 144]
    #expect(zip(values, pillow).allSatisfy { abs($0 - $1) <= 1 }, "\(values)")
  }

  @Test func largerAndSmallerAtOnce() {
    let values = ImageResampling.resized(Self.image, Self.size, channels: 3, to: ImageSize(height: 5, width: 13))
    let pillow: [Float] = [
      0, 9, 3, 13, 9, 9, 31, 9, 19, 50, 9, 28, 68, 9, 37, 87, 9, 46, 105, 9, 56, 123, 9, 65, 142, 9, 74, 160, 9, 83,
      179, 9,
      92, 197, 9, 102, 210, 9, 108, 0, 54, 20, 13, 54, 26, 31, 54, 36, 50, 54, 45, 68, 54, 54, 87, 54, 63, 105, 54, 73,
    ]
    #expect(zip(values, pillow).allSatisfy { abs($0 - $1) <= 1 }, "\(values.prefix(60))")
  }

  @Test(arguments: [(1, 1), (1, 7), (7, 1), (2, 3), (64, 5)]) func plainStaysPlain(from: Int, to: Int) {
    let values = ImageResampling.resized(
      Array(repeating: 9, count: from * from), ImageSize(height: from, width: from), channels: 1,
      to: ImageSize(height: to, width: to))
    #expect(values.count == to * to && values.allSatisfy { abs($0 - 9) < 1e-5 })
  }
}
