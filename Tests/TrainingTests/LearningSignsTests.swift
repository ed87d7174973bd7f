import Buffers
import Layers
import Testing
import Training

/// What an evaluation shows of models that learn nothing, and that it shows nothing of such as learn.
@Suite struct LearningSignsTests {
  /// Scores of a network without layers that learn: its inputs.
  private func signs(_ scores: [[Float]], _ labels: [Int32], classes: Int) throws -> LearningSigns {
    let width = scores[0].count
    let model = try Model(
      name: "test", input: Shape(width), layers: [ReLU()],
      loss: width == 1 ? BinaryCrossEntropy() : SoftmaxCrossEntropy())
    let network = try Network(
      model, parameters: Tensor(Shape(model.layout.count)), gradients: nil, maximumRows: labels.count, seed: 1)
    let signs = LearningSigns(network, classes: classes, hasBinaryScores: width == 1)
    labels.withUnsafeBufferPointer {
      signs.note(Tensor(scores.flatMap { $0 }, shape: Shape(labels.count, width)), labels: $0)
    }
    signs.activity.flags = Array(repeating: 1, count: width)
    return signs
  }

  private func quality(area: Double? = nil) -> Quality {
    var quality = Quality(loss: 0.5, accuracy: 0.5)
    quality.areaUnderCurve = area
    return quality
  }

  private func findings(_ signs: LearningSigns, area: Double? = nil, trained: [Bool]? = nil) -> [LearningWarning.Kind:
    String]
  {
    signs.findings(quality(area: area), split: "validation", trained: trained)
  }

  @Test func oneClassForAllIsFound() throws {
    let same: [[Float]] = [[0, 2, 1], [-3, 0.5, 0.1], [1, 9, 3]]
    #expect(
      findings(try signs(same, [0, 1, 2], classes: 3))[.constantPredictions]?
        .hasPrefix("all validation samples are taken for class 1: ") == true)
    #expect(findings(try signs(same + [[1, 0, 0]], [0, 1, 2, 0], classes: 3)).isEmpty)
  }

  @Test func oneScoreForAllIsFound() throws {
    let words = findings(try signs([[-1.5], [-1.5000001], [-1.5]], [0, 1, 0], classes: 2), area: 0.5)
    #expect(
      words[.constantPredictions]?.hasPrefix("all validation samples have one score, -1.5") == true && words.count == 1)
    #expect(findings(try signs([[-1.5], [-1.4], [-1.5]], [0, 1, 0], classes: 2), area: 0.9).isEmpty)
    // Nearly all clicks are taken for none by models that are right.
    #expect(findings(try signs([[-3], [-4], [-5]], [0, 1, 0], classes: 2), area: 0.9).isEmpty)
  }

  /// The deviation of Mann and Whitney's statistic for 500 and 500 samples is √(1001 ÷ 3,000,000) = 0.01827.
  @Test(arguments: [(0.5, true), (0.536, true), (0.464, true), (0.537, false), (0.463, false), (0.9, false)])
  func chanceIsFoundWithinItsError(area: Double, isFound: Bool) throws {
    let many = try signs((0..<1000).map { [Float($0)] }, (0..<1000).map { Int32($0 % 2) }, classes: 2)
    #expect(abs(many.areaDeviation! - 0.01827) < 1e-5)
    #expect((findings(many, area: area)[.chance] != nil) == isFound)
    if isFound { #expect(findings(many, area: area)[.chance]!.contains("(0.5 ± 0.0365)")) }
    let few = try signs((0..<20).map { [Float($0)] }, (0..<20).map { Int32($0 % 2) }, classes: 2)
    #expect(findings(few, area: area).isEmpty, "twenty samples tell nothing")
    let none = try signs((0..<20).map { [Float($0)] }, Array(repeating: 0, count: 20), classes: 2)
    #expect(none.areaDeviation == nil && findings(none).isEmpty)
  }

  @Test func classesWithoutATrainingSampleAreFound() throws {
    let found = try signs([[1, 0, 0, 0], [0, 1, 0, 0]], [0, 2], classes: 4)
    let trained = [true, true, false, false]
    #expect(
      findings(found, trained: trained)[.missingClasses]?
        .hasPrefix(
          "2 of 4 classes have no training sample (2, 3), and validation samples have 2, which nobody can tell: ")
        == true)
    #expect(
      findings(found, trained: [true, true, true, false])[.missingClasses]?
        .hasPrefix("1 of 4 classes has no training sample (3): ") == true)
    #expect(findings(found, trained: [true, true, true, true]).isEmpty && findings(found).isEmpty)
  }

  @Test func layersThatAreMostlyDeadAreFound() throws {
    let found = try signs([[1, 0, 0, 0], [0, 1, 0, 0]], [0, 1], classes: 4)
    found.activity.flags = [1, 1, 0, 0]
    #expect(findings(found).isEmpty, "half is not more than half")
    found.activity.flags = [1, 0, 0, 0]
    #expect(
      findings(found)[.deadUnits]?.hasPrefix("3 of 4 units of relu1 put out 0 for every validation sample") == true)
  }
}
