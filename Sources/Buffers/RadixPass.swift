/// The counting that passes of a radix sort share, least significant digit first. Each pass is stable.
package enum RadixPass {
  /// Turns how often each digit occurs into where the first element that has it goes.
  @inlinable
  @inline(__always)
  package static func turnIntoPlaces(_ counts: inout [Int]) {
    var next = 0
    for digit in counts.indices { (counts[digit], next) = (next, next + counts[digit]) }
  }

  /// Puts each element at the next place of its digit.
  ///
  /// - Parameter places: where the next element of each digit goes.
  @inlinable
  @inline(__always)
  package static func distribute<Element>(
    _ source: UnsafeBufferPointer<Element>, into target: UnsafeMutableBufferPointer<Element>, _ places: inout [Int],
    digit: (Element) -> Int
  ) {
    for element in source {
      let digit = digit(element)
      target[places[digit]] = element
      places[digit] += 1
    }
  }
}
