/// Turns moments of this rank's clock into rank 0's: clocks of two hosts run at slightly different rates, so their distance
/// is measured at two moments and taken to change evenly between.
package struct ClockAlignment {
  /// Nanoseconds of this rank's clock, and what to add there.
  package struct Point {
    var time: UInt64
    var offset: Int64

    package init(time: UInt64, offset: Int64) {
      self.time = time
      self.offset = offset
    }
  }

  private let early: Point
  private let slope: Double

  package init(_ early: Point, _ late: Point) {
    self.early = early
    let between = Double(late.time) - Double(early.time)
    slope = between > 0 ? Double(late.offset - early.offset) / between : 0
  }

  /// Nanoseconds of rank 0's clock.
  package func aligned(_ time: UInt64) -> Int64 {
    let since = Double(Int64(time) - Int64(early.time))
    return Int64(time) + early.offset + Int64((slope * since).rounded())
  }
}
