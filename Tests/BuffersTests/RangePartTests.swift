import Buffers
import Testing

@Suite struct RangePartTests {
  /// Together they are the whole, in order, and are cut at multiples of the unit alone.
  @Test(arguments: [1, 3, 16], [1, 2, 3, 7, 100])
  func partsAreTheWhole(unit: Int, count: Int) {
    for range in [0..<0, 0..<5, 5..<100, 16..<32, 3..<1000] {
      let parts = (0..<count).map { range.part($0, of: count, unit: unit) }
      #expect(parts.flatMap(Array.init) == Array(range))
      for part in parts.dropLast() where part.upperBound != range.lowerBound && part.upperBound != range.upperBound {
        #expect(part.upperBound % unit == 0)
      }
      guard unit == 1, let least = parts.map(\.count).min(), let most = parts.map(\.count).max() else { continue }
      #expect(most - least <= 1)
    }
  }
}
