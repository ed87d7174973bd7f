import Testing
import Training

/// What a run's evaluations decide, against what PyTorch's scheduler does with the same figures.
@Suite struct EvaluationCourseTests {
  private func course(_ figures: Double...) -> EvaluationCourse {
    EvaluationCourse(figures.enumerated().map { (epoch: 2 * $0.offset + 2, figure: $0.element) })
  }

  @Test func theFirstOfEqualsIsTheBest() {
    #expect(course(-0.5, -0.4, -0.45, -0.4).bestEpoch == 4)
    #expect(course(-0.5, -0.4, -0.45, -0.4).sinceBest == 2)
    #expect(course(-0.5, -0.4).lastIsBest && !course(-0.4, -0.4).lastIsBest)
  }

  @Test func whatIsNoNumberIsNeverTheBest() {
    #expect(course(.nan, -3, .nan).bestEpoch == 4)
    #expect(course(-1, .nan).sinceBest == 1 && !course(-1, .nan).lastIsBest)
    #expect(course(.nan).bestEpoch == nil && course(.nan).sinceBest == 1 && !course(.nan).lastIsBest)
    #expect(course().bestEpoch == nil && course().sinceBest == 0)
  }

  /// `ReduceLROnPlateau(factor=0.1, patience=P - 1, threshold=0)` of PyTorch 2.15 lowers the rate as often on these losses.
  @Test(arguments: [(1, 6), (2, 2), (3, 1), (4, 0), (5, 0)])
  func plateausAsPyTorch(patience: Int, expected: Int) {
    let losses = [0.5, 0.4, 0.41, 0.42, 0.39, 0.4, 0.395, 0.39, 0.38, .infinity]
    let course = EvaluationCourse(losses.enumerated().map { (epoch: $0.offset + 1, figure: -$0.element) })
    #expect(course.plateaus(patience: patience) == expected)
  }
}
