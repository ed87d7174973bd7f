import Foundation
import Studies
import Testing

@Suite("Measures")
struct MeasureTests {
  @Test("Every measure has its row in the documentation, as its facts say, in the order of the columns")
  func documented() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("docs/studies.md"), encoding: .utf8)
    let rows = text.components(separatedBy: "| column | unit | better | what it is |").last?.split(separator: "\n")
      .filter { $0.hasPrefix("| `") }.map(String.init)
    let expected = Measure.allCases.map { measure in
      let facts = measure.facts
      return "| `\(measure.rawValue)` | \(facts.unit.rawValue) | \(facts.better?.rawValue ?? "–") | \(facts.about) |"
    }
    #expect(rows == expected)
  }

  @Test("Money has the currency behind its name, all else its own name alone")
  func columns() {
    #expect(Measure.epochCost.column(currency: "EUR") == "epochCost_EUR")
    #expect(Measure.costToTarget.column(currency: "EUR") == "costToTarget_EUR")
    #expect(Measure.epochSeconds.column(currency: "EUR") == "epochSeconds")
    #expect(Measure.allCases.filter { $0.facts.unit == .money }.count == 3)
  }

  @Test("What is better is known of every quality that a study may be judged by")
  func directions() {
    #expect(JudgedQuality.accuracy.isBetterHigher && JudgedQuality.areaUnderCurve.isBetterHigher)
    #expect(!JudgedQuality.loss.isBetterHigher && JudgedQuality.loss.isBetter(0.1, 0.2))
    #expect(JudgedQuality.accuracy.isBetter(0.9, 0.8) && !JudgedQuality.accuracy.isBetter(0.8, 0.8))
  }

  @Test("Measures of the execution are those that the learning rate and the seed do not change")
  func execution() {
    #expect(Measure.ofExecution.count == 31)
    #expect(Measure.ofExecution.contains(.trainingCost) && Measure.ofExecution.contains(.peakMemoryBytes))
    for measure in [Measure.updates, .costToTarget, .validationLoss, .trainingCallSeconds] {
      #expect(!Measure.ofExecution.contains(measure))
    }
  }

  @Test("What tables and axes show has its heading, title and factor")
  func shown() {
    #expect(Measure.validationAccuracy.facts.factor == 100 && Measure.validationAccuracy.facts.decimals == 2)
    #expect(Measure.validationAccuracy.facts.axis == "Validation accuracy (%)")
    #expect(Measure.validationAUC.facts.factor == 1 && Measure.validationAUC.facts.decimals == 4)
    #expect(Measure.generalizationGap.facts.heading == "Gap (points)")
    #expect(Measure.communicationShare.facts.heading == "Exchange (%)")
  }
}
