/// A rank's shares of a stretch of a run's steps, in the order in which it computes them. Allocates nothing.
public struct StepSequence: IteratorProtocol, Sendable {
  private let plan: BatchPlan
  private let division: StepDivision
  /// The numbers of the steps still to come, with the one that is not through.
  private var coming: Range<Int>
  /// Shares of the first of them that have been.
  private var index = 0

  /// - Parameter steps: their numbers in the run.
  public init(_ plan: BatchPlan, steps: Range<Int>, _ division: StepDivision) {
    self.plan = plan
    self.division = division
    coming = steps
  }

  /// Those without samples are left out.
  public mutating func next() -> StepShare? {
    while let number = coming.first {
      if index == division.shares(ofStep: number) {
        coming.removeFirst()
        index = 0
        continue
      }
      index += 1
      if let share = division.share(index - 1, of: plan.step(number), number: number) { return share }
    }
    return nil
  }
}
