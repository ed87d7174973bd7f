import Configuration
import Foundation
import Landscape
import Reports
import Testing
import Training

@Suite("Reports of the loss around weights")
struct LandscapeReportTests {
  private static func sharpness(
    phi: Double? = 205.14, loss: Double = 0.01, statistics: BatchNormStatistics? = .batch, run: String = "output/large"
  ) -> SharpnessReport {
    let figures = SharpnessFigures(
      loss: loss, gradientNorm: loss,
      keskar: [
        KeskarSharpness(
          epsilon: 1e-3, phi: phi, iterations: 10, evaluations: 17, phiBySigns: phi.map { $0 / 2 }, signSteps: 10),
        KeskarSharpness(
          dimensions: 100, epsilon: 1e-3, phi: nil, iterations: 3, evaluations: 4, end: .notFinite, phiBySigns: 1,
          signSteps: 10),
      ],
      adaptive: AdaptiveSharpness(rho: 0.5, growth: loss, firstStep: loss, iterations: 10),
      topEigenvalue: TopEigenvalue(value: loss, residual: loss, iterations: 7))
    let record = SharpnessRecord(
      command: "lockstep sharpness \(run)", seed: 0, ranks: 2,
      runs: [
        .init(
          run: run, weightsSHA256: "ab", weights: 1000, samples: 60_000, statistics: statistics,
          batch: statistics == .batch ? 5000 : nil, figures: figures, evaluations: 90, seconds: 1.5)
      ])
    return SharpnessReport(record)
  }

  @Test("Tables, notes and columns say the same")
  func figures() throws {
    let report = Self.sharpness()
    let text = report.terminal
    #expect(text.contains("205.1") && text.contains("102.6") && text.contains("100 random directions"), "\(text)")
    #expect(text.contains("batch norm takes the statistics of each batch of 5000"), "\(text)")
    #expect(
      text.contains("L-BFGS-B (100 random directions, ε 0.00100) ended after 3 steps: the loss is not finite"),
      "\(text)")
    let lines = report.csv.components(separatedBy: "\r\n")
    #expect(lines.count == 4 && lines[1].hasPrefix("output/large,ab,batch,5000,60000,0.01,0.01,,0.001,205.14,10,17,,"))
    #expect(lines[2].hasPrefix("output/large,ab,batch,5000,60000,0.01,0.01,100,0.001,,3,4,notFinite,1.0,10,,0.5,"))
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(try report.json().utf8)) as? [String: Any])
    let run = try #require((json["runs"] as? [[String: Any]])?.first)
    let keskar = try #require((run["figures"] as? [String: Any])?["keskar"] as? [[String: Any]])
    #expect(keskar[0]["phi"] as? Double == 205.14 && keskar[1]["phi"] == nil, "what is not known is absent")
    #expect(run["statistics"] as? String == "batch" && json["version"] as? Int == 1)
  }

  @Test("What batch norm takes is said") func statistics() {
    #expect(Self.sharpness(statistics: .running).terminal.contains("its running statistics, as constants"))
    #expect(!Self.sharpness(statistics: nil).terminal.contains("batch norm"))
  }

  private static func interpolation(
    losses: [Double], accuracy: Double? = 0.5, statistics: BatchNormStatistics? = .batch, second: String = "small",
    distance: Double = 3
  ) -> InterpolationReport {
    let alphas = Interpolation(.straight, places: losses.count).alphas
    let paths = Interpolation.Path.allCases.map { path in
      InterpolationFigures(
        path: path,
        places: zip(alphas, losses).map {
          .init(
            alpha: $0, training: .init(loss: $1, accuracy: accuracy), heldOut: .init(loss: 2 * $1, accuracy: accuracy))
        })
    }
    let record = InterpolationRecord(
      command: "lockstep interpolate large \(second)", seed: 0, ranks: 2,
      first: .init(run: "large", weightsSHA256: "ab"), second: .init(run: second, weightsSHA256: "cd"),
      distance: distance, statistics: statistics, batch: 5000, heldOut: "test", samples: [60_000, 10_000], paths: paths)
    return InterpolationReport(record, source: "a processor, 2 ranks")
  }

  @Test("The answer compares both ends, equally far beyond them")
  func answer() throws {
    // α −1, −0.5, 0, 0.5, 1, 1.5, 2: beyond the first run 3 and 9, beyond the second 2 and 10.
    let report = Self.interpolation(losses: [10, 2, 0.1, 0.5, 0.2, 3, 9])
    #expect(report.line.contains("higher than as far beyond small (α = −d) at 1 of 2 distances"), "\(report.line)")
    let html = try report.html()
    #expect(html.contains("<svg") && html.contains("f(α x₁ + (1 − α) x₂)") && html.contains("Curved"))
    #expect(html.contains("lockstep interpolate large small"))
    #expect(report.markdown.contains("figures/interpolation-curved-1.svg") && report.markdown.contains("Test loss"))
    #expect(report.terminal.contains("50.00 %") && report.terminal.contains("3.000 apart"))
    let lines = report.csv.components(separatedBy: "\r\n")
    #expect(lines[0] == "path,alpha,trainingLoss,trainingAccuracy,testLoss,testAccuracy" && lines.count == 16)
    #expect(lines[1] == "straight,-1.0,10.0,0.5,20.0,0.5")
  }

  @Test("Places without a loss are counted, and the reason is said") func missing() throws {
    let losses = [.nan, 2, 0.1, 0.5, 0.2, 3, .infinity]
    let report = Self.interpolation(losses: losses, accuracy: nil, statistics: .running)
    #expect(
      report.terminal.contains("At 4 of 14 places the loss is not finite: beyond a run interpolated running variances"))
    #expect(report.line.contains("at 1 of 1 distance."), "\(report.line)")
    #expect(!Self.interpolation(losses: losses).terminal.contains("variances"))
    #expect(try report.json().contains("\"NaN\""))
  }

  @Test(
    "Any number has its report",
    arguments: [
      0, -1, 1e-308, 1e200, 1e308, -1e308, .nan, .infinity, -.infinity, .greatestFiniteMagnitude,
      .leastNonzeroMagnitude,
    ]) func extremes(value: Double) throws
  {
    let sharpness = Self.sharpness(phi: value, loss: value)
    let interpolation = Self.interpolation(losses: [1, value, 2, value, 1], accuracy: value, distance: value)
    let whole = Self.interpolation(losses: [value, value], accuracy: value)
    for text in [
      sharpness.terminal, sharpness.csv, try sharpness.json(), interpolation.terminal, interpolation.markdown,
      interpolation.csv, try interpolation.json(), try interpolation.html(), try whole.html(), whole.terminal,
    ] { #expect(text.utf8.count < 200_000) }
    #expect(sharpness.terminal.firstMatch(of: /[0-9,]{24}/) == nil)
  }

  @Test("A run's name is shown, never obeyed") func names() throws {
    let report = Self.interpolation(losses: [1, 2, 3, 4], second: "<b>\u{1B}[31m=cmd")
    #expect(try !report.html().contains("<b>") && !report.terminal.contains("\u{1B}"))
    #expect(!Self.sharpness(run: "a\u{1B}[2J").terminal.contains("\u{1B}"))
  }
}
