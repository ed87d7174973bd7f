import Configuration
import Foundation
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

/// Noise and distances on a study's page.
@Suite("Reports of the course of training")
struct CourseReportTests {
  private static let study = SyntheticStudy.study(globalBatch: [16, 64], scaling: ["none"], seeds: [1, 2])
  private static let records = SyntheticStudy.records(of: study).map { SyntheticStudy.looking($0) }

  @Test("Both have their tables and pictures")
  func shown() throws {
    let report = StudyReport(Self.study, Self.records)
    for text in [report.markdown, try report.html()] {
      for heading in ["Gradient noise", "Distance from the start", "Distance of each array"] {
        #expect(text.contains(heading), "\(heading)")
      }
      #expect(text.contains("dense1.weight") && text.contains("R² of a + b log t"))
    }
    #expect(
      report.markdown.contains("figures/gradient-noise.svg") && report.markdown.contains("figures/weight-distance.svg"))
    let html = try report.html()
    #expect(html.contains("a + b log t") && html.contains("Gradient noise scale"))
    #expect(try report.json().contains("\"distances\""))
    // 4 and 24 global batches of 64 samples.
    #expect(report.markdown.contains("256 ± 0") && report.markdown.contains("1536 ± 0"))
  }

  @Test("Where nothing was measured nothing of it is said")
  func absent() throws {
    let report = StudyReport(Self.study, SyntheticStudy.records(of: Self.study))
    for text in [report.markdown, try report.html()] {
      #expect(!text.contains("Gradient noise") && !text.contains("Distance from the start"))
    }
    let json = try report.json()
    #expect(!json.contains("\"distances\"") && !json.contains("\"gradientNoise\"") && !json.contains("\"noiseScale\""))
  }

  @Test("A run's epochs have their noise scale")
  func ofARun() {
    #expect(RunReport(Self.records[0].run).terminal.contains("Noise scale"))
    #expect(!RunReport(SyntheticStudy.records(of: Self.study)[0].run).terminal.contains("Noise scale"))
  }

  @Test(
    "Extreme numbers do no harm",
    arguments: [0, -1, 1e-308, 1e200, 1e308, -1e308, .nan, .infinity, -.infinity, .leastNonzeroMagnitude] as [Double])
  func extremes(value: Double) throws {
    let paths: [WritableKeyPath<TrialRecord, Double>] = [
      \.run.epochs[1].noise!.dense.trace, \.run.epochs[1].noise!.dense.squaredNorm,
      \.run.noiseAtStart!.dense.squaredNorm, \.run.epochs[0].norms!.updateMean,
      \.run.epochs[2].norms!.gradient.median, \.run.epochs[2].norms!.gradient.percentile99,
      \.run.distances!.total[20], \.run.distances!.learningRates[20], \.run.distances!.arrays[1].distances[20],
    ]
    for path in paths {
      for all in [false, true] {
        var records = Self.records
        for index in records.indices where all || index == 1 { records[index][keyPath: path] = value }
        let report = StudyReport(Self.study, records)
        let texts = [report.terminal, report.markdown, try report.html(), report.csv, try report.json()]
        for text in texts { #expect(text.utf8.count < 2_000_000) }
        for text in texts[..<2] { #expect(text.firstMatch(of: /[0-9,]{24}/) == nil, "\(path) = \(value)") }
      }
    }
  }

  @Test("Counts beyond all bounds do no harm", arguments: [0, -1, Int.max, Int.min])
  func counts(value: Int) throws {
    let paths: [WritableKeyPath<TrialRecord, Int>] = [
      \.run.epochs[1].noise!.steps, \.run.epochs[1].norms!.steps, \.run.distances!.updates[20], \.run.stepsPerEpoch,
    ]
    for path in paths {
      var records = Self.records
      records[0][keyPath: path] = value
      #expect(try StudyReport(Self.study, records).html().utf8.count < 2_000_000)
    }
  }
}
