import Foundation
import Reports
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

/// What the pictures of a report show, read back from them.
@Suite("Figures of a report")
struct FigureTests {
  private static func drawing(_ name: String, of report: StudyReport) throws -> Drawing {
    let html = try report.html()
    let figure = try #require(html.components(separatedBy: "<figure id=\"\(name)\"").dropFirst().first)
    let svg = try #require(figure.components(separatedBy: "<svg").dropFirst().first)
    return try Drawing("<svg" + (try #require(svg.components(separatedBy: "</svg>").first)) + "</svg>")
  }

  @Test("The ideal is a speed-up of 1 on the ranks that others are compared with")
  func idealSpeedUp() throws {
    let study = SyntheticStudy.study(globalBatch: [256], scaling: ["none"], ranks: [2, 4])
    let drawing = try Self.drawing("speed-up", of: StudyReport(study, SyntheticStudy.records(of: study)))
    // Ideal and measured in the legend, then in the plot.
    let lines = drawing.lines
    try #require(lines.map(\.points.count) == [2, 2, 2, 2])
    #expect(lines[2].points[0].x == lines[3].points[0].x && lines[2].points[0].y == lines[3].points[0].y)
    // Upwards on a page is less: four ranks do not reach the ideal.
    #expect(lines[2].points[1].y < lines[3].points[1].y)
  }

  @Test("A cost too small to read is shown per 1,000 epochs, label and numbers alike")
  func smallCosts() throws {
    // 64 steps of 1.72 ms at 0.001 a second: 0.11 for 1,000 epochs.
    let study = SyntheticStudy.study()
    let texts = try Self.drawing("cost-per-epoch", of: StudyReport(study, SyntheticStudy.records(of: study))).texts
    #expect(texts.contains("USD per 1,000 epochs") && texts.contains("0.125") && texts.contains("0.050"), "\(texts)")
    let dear = SyntheticStudy.study(price: 36_000)
    let whole = try Self.drawing("cost-per-epoch", of: StudyReport(dear, SyntheticStudy.records(of: dear))).texts
    #expect(whole.contains("USD per epoch") && whole.contains("1.25"), "\(whole)")
  }

  @Test("Times per example are in the axis' unit")
  func timePerExample() throws {
    let study = SyntheticStudy.parts()
    let report = StudyReport(study, SyntheticStudy.partRecords(of: study))
    let texts = try Self.drawing("calls-time-per-example", of: report).texts
    // From 12 µs in a call of one to 2.08 µs in one of 125; training takes three times as long.
    #expect(texts.contains("Time per example (µs)"))
    for tick in ["2", "5", "10", "20"] { #expect(texts.contains(tick), "\(texts)") }
  }

  @Test("A fitted line has the look of the points that it was fitted to, and goes through them")
  func fittedLines() throws {
    let study = SyntheticStudy.study(ranks: [1, 2])
    let drawing = try Self.drawing("step-time", of: StudyReport(study, SyntheticStudy.records(of: study)))
    // A line for each rank count in the legend, then in the plot.
    #expect(drawing.lines.map(\.color) == [Look(0), Look(1), Look(0), Look(1)].map(\.color))
    // The first look's markers are circles; the fit is exact.
    let ends = try #require(drawing.lines.dropFirst(2).first).points
    for end in [ends[0], ends[60]] {
      #expect(drawing.circles.contains { abs($0.x - end.x) <= 0.11 && abs($0.y - end.y) <= 0.11 })
    }
    let names = drawing.texts.filter { $0.contains("measured") || $0.contains("a + bB") }
    #expect(names == ["2 ranks, measured", "2 ranks, a + bB", "1 rank, measured", "1 rank, a + bB"])
  }
}
