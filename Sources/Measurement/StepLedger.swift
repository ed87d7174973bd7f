/// One rank's account step by step, on memory that is taken once: where a run has more steps than rows, a row is the sum
/// of as many steps as it takes, so that nothing is left out.
///
/// The first step prepares what later ones reuse, and is no row's.
public struct StepLedger: Sendable {
  /// Numbers of all ranks' rows together, about: what is gathered and kept of a run stays below a few megabytes.
  private static let rowsOfAllRanks = 1 << 14

  /// In step order.
  public private(set) var rows: [StepSeconds] = []
  /// Steps that a row sums up; the last row may have fewer.
  public private(set) var stepsPerRow = 1
  /// Steps in the rows.
  public private(set) var steps = 0
  private let mostRows: Int
  private var isWarm = false

  /// - Parameter ranks: of the job; all must bring as many.
  public init(ranks: Int) { self.init(mostRows: min(max(Self.rowsOfAllRanks / ranks, 32), 1024)) }

  /// - Parameter mostRows: rounded down to an even number, at least 2.
  package init(mostRows: Int) {
    self.mostRows = max(mostRows / 2 * 2, 2)
    rows.reserveCapacity(self.mostRows)
  }

  /// Takes up one more step; allocates nothing.
  public mutating func append(_ step: StepSeconds) {
    guard isWarm else {
      isWarm = true
      return
    }
    if steps == mostRows * stepsPerRow { halve() }
    if steps % stepsPerRow == 0 { rows.append(step) } else { rows[rows.count - 1] += step }
    steps += 1
  }

  /// Steps that were taken up so far, the first included.
  public var taken: Int { steps + (isWarm ? 1 : 0) }

  /// The step that was taken up last waited longer for its sums.
  public mutating func addWire(_ seconds: Float) {
    if steps > 0 { rows[rows.count - 1][.wire] += seconds }
  }

  /// What a step waited for later ranks was booked as wire until they were known.
  /// - Parameter step: of those taken up, from 0.
  public mutating func moveToWait(_ seconds: Float, ofStep step: Int) {
    guard step > 0 else { return }
    let row = (step - 1) / stepsPerRow
    // What was exchanged outside of steps is in none of them.
    guard row < rows.count else { return }
    rows[row][.wire] = max(0, rows[row][.wire] - seconds)
    rows[row][.wait] += seconds
  }

  /// Steps that a row sums up.
  public func steps(inRow row: Int) -> Int { min(stepsPerRow, steps - row * stepsPerRow) }

  /// Rows of a run of so many steps, at most.
  public func mostRows(of steps: Int) -> Int { min(steps, mostRows) }

  private mutating func halve() {
    for row in 0..<mostRows / 2 {
      rows[row] = rows[2 * row]
      rows[row] += rows[2 * row + 1]
    }
    rows.removeLast(mostRows / 2)
    stepsPerRow *= 2
  }
}
