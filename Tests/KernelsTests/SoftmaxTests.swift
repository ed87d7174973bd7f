import Foundation
import Kernels
import Testing

@Suite struct SoftmaxTests {
  @Test(arguments: [2, 3, 10, 17, 100], [1, 5, 33])
  func equalsTheDefinitionInDouble(_ classes: Int, rows: Int) {
    let scores = numbers(rows * classes, 1).map { $0 * 20 }
    let labels = (0..<rows).map { Int32($0 * 7 % classes) }
    var probabilities = scores
    var result = probabilities.mutableSpan
    let (loss, correct) = Softmax.crossEntropy(
      scores.span, labels: labels.span, classes: classes, probabilities: &result)

    var expectedLoss = 0.0
    var expectedCorrect = 0
    var expected: [Float] = []
    for row in 0..<rows {
      let values = scores[row * classes..<(row + 1) * classes].map(Double.init)
      let sum = values.reduce(0) { $0 + exp($1) }
      expectedLoss += log(sum) - values[Int(labels[row])]
      expectedCorrect += values.firstIndex(of: values.max()!) == Int(labels[row]) ? 1 : 0
      expected += values.map { Float(exp($0) / sum) }
    }
    #expect(abs(loss - expectedLoss) < 1e-6 * max(1, expectedLoss))
    #expect(correct == expectedCorrect)
    // Scores differ by up to 40, so a float of their difference is off by up to 2e-6, and e to it by that share.
    #expect(zip(probabilities, expected).allSatisfy { abs($0 - $1) <= 4e-6 * $1 })

    var gradient = scores
    result = gradient.mutableSpan
    Softmax.crossEntropyGradient(
      probabilities: probabilities.span, labels: labels.span, classes: classes, factor: 0.5, into: &result)
    let right = expected.indices.map { 0.5 * (expected[$0] - ($0 % classes == Int(labels[$0 / classes]) ? 1 : 0)) }
    #expect(difference(gradient, right) < 1e-6)
  }

  @Test func hugeScoresStayFiniteAndNaNIsSeen() {
    var probabilities: [Float] = [0, 0, 0]
    func loss(_ scores: [Float]) -> Double {
      var result = probabilities.mutableSpan
      return Softmax.crossEntropy(scores.span, labels: ([1] as [Int32]).span, classes: 3, probabilities: &result).loss
    }
    #expect(loss([3e38, 3e38, -3e38]) == log(2))
    #expect(probabilities == [0.5, 0.5, 0])
    #expect(abs(loss([0, -500, 0]) - (500 + log(2))) < 1e-6)
    #expect(loss([0, .nan, 1]).isNaN)
    #expect(loss([.infinity, 0, 1]).isNaN)
  }
}
