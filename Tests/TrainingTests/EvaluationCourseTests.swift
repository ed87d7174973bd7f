import Testing
import Training

/// What a run's evaluations decide, against what PyTorch's scheduler does with the same figures.
@Suite struct EvaluationCourseTests {
  private func course(_ figures: Double...) -> EvaluationCourse {
    EvaluationCourse(figures)
  }

  @Test func theFirstOfEqualsIsTheBest() {
    #expect(course(-0.5, -0.4, -0.45, -0.4).sinceBest == 2)
    #expect(course(-0.5, -0.4).lastIsBest && !course(-0.4, -0.4).lastIsBest)
  }

  @Test func whatIsNoNumberIsNeverTheBest() {
    #expect(course(.nan, -3).lastIsBest && course(.nan, -3, .nan).sinceBest == 1)
    #expect(course(-1, .nan).sinceBest == 1 && !course(-1, .nan).lastIsBest)
    #expect(course(.nan).sinceBest == 1 && !course(.nan).lastIsBest)
    #expect(!course().lastIsBest && course().sinceBest == 0)
  }

  /// `ReduceLROnPlateau(factor=0.1, patience=P - 1, threshold=0)` of PyTorch 2.15 lowers the rate as often on these losses.
  @Test(arguments: [(1, 6), (2, 2), (3, 1), (4, 0), (5, 0)])
  func plateausAsPyTorch(patience: Int, expected: Int) {
    let losses = [0.5, 0.4, 0.41, 0.42, 0.39, 0.4, 0.395, 0.39, 0.38, .infinity]
    let course = EvaluationCourse(losses.map { -$0 })
    #expect(course.plateaus(patience: patience) == expected)
  }
}
