import Configuration
import Foundation
import FoundationXML
import Interconnect
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Reports of projections")
struct ProjectionReportTests {
  private static func report(
    price: Double? = nil, misses: [Double] = [1, 1.02, 0.99], fitRanks: [Int]? = [1, 2], target: Double? = nil
  ) throws -> ProjectionReport {
    var law = SyntheticScaling()
    (law.hidden, law.misses) = (0.5, misses)
    let (study, records) = law.study(globalBatch: [64, 256, 1024], ranks: [1, 2, 4], target: target)
    let subject = try ProjectionSubject(StoredStudy(study, records), only: [])
    var question = ProjectionQuestion()
    question.fitRanks = fitRanks
    question.places = [1, 2, 4, 8, 16].map { .init(ranks: $0, nodes: $0) }
    return ProjectionReport(
      try Projection(subject.summary, subject.records, question), of: subject, pricePerNodeHour: price,
      command: "lockstep project <study>")
  }

  @Test("All forms say what it is, what it rests on and how far it misses what was run")
  func forms() throws {
    let report = try Self.report()
    for text in [report.markdown, try report.html()] {
      #expect(text.contains("A model, not a measurement"))
      // Fitted were ranks 1 and 2 alone.
      #expect(text.contains("the study ran on synthetic") && text.contains("ranks: 1, 2 and 4"))
      #expect(text.contains("fitted to 6 trials on 1 and 2 ranks") && !text.contains("itted to trials on"))
      #expect(text.contains("3 places that the model was not fitted to: it misses them by"))
      #expect(text.contains("extrapolation") && text.contains("Predicted beside measured"))
      #expect(text.contains("Smallest batch") && text.contains("Time against money"))
    }
    #expect(report.markdown.contains("    lockstep project <study>") || report.markdown.contains("lockstep project"))
    let terminal = report.terminal
    #expect(terminal.contains("Quickest") && terminal.contains("Fitted") && terminal.contains("95 % of it"))
    #expect(terminal.split(separator: "\n").allSatisfy { !$0.hasPrefix("Batch") || $0.count <= 130 })
  }

  @Test("What nobody measured is open and dashed, and has its own place in the legend")
  func openMarkers() throws {
    let projection = try Self.report().projection
    let figures = ProjectionFigures(projection, cost: .init(pricePerNodeHour: 1, ranksPerNode: 1)).all
    #expect(figures.map(\.name).count == Set(figures.map(\.name)).count && figures.count == 6)
    #expect(figures.allSatisfy { !$0.isMeasured && $0.origin("here").hasPrefix("A model, not a measurement") })
    let steps = try #require(figures.first).panels[0]
    #expect(steps.contains("B = 64, measured") && steps.contains("B = 64, model"))
    #expect(steps.contains("fill=\"white\" stroke=\"#0072B2\"") && steps.contains("stroke-dasharray=\"6 4\""))
    #expect(steps.contains("fill=\"#0072B2\" stroke=\"white\""))
    for svg in figures.flatMap(\.panels) { #expect(XMLParser(data: Data(svg.utf8)).parse()) }
  }

  @Test("A row a point, with as many fields as there are columns")
  func csv() throws {
    let report = try Self.report(target: 0.8)
    let rows = report.csv.components(separatedBy: "\r\n").dropLast().map { $0.components(separatedBy: ",") }
    #expect(rows.count == 1 + report.projection.strong.count + report.projection.weak.count)
    #expect(Set(rows.map(\.count)).count == 1 && rows[0].contains("costToGoal_USD"))
    #expect(report.markdown.contains("To goal"))
  }

  @Test("A price of its own counts; without one, node-hours do")
  func price() throws {
    #expect(try Self.report(price: 7.5).markdown.contains("A node-hour costs 7.50 USD"))
    #expect(try Self.report(price: 0).markdown.contains("node-h/epoch"))
  }

  @Test("Where all was fitted, it says that agreement proves little")
  func allFitted() throws {
    #expect(try Self.report(fitRanks: nil).markdown.contains("proves little"))
  }

  @Test("Whether half the bytes would pay is said before anyone tries them, in the study's report too")
  func narrow() throws {
    func markdown(_ change: (inout Projection.Point) -> Void) throws -> String {
      let (study, records) = SyntheticScaling().study(globalBatch: [64, 256], ranks: [1, 2])
      let subject = try ProjectionSubject(StoredStudy(study, records), only: [])
      var projection = try Projection(subject.summary, subject.records)
      for index in projection.strong.indices { change(&projection.strong[index]) }
      return ProjectionReport(projection, of: subject, command: "lockstep project").markdown
    }
    let (heading, pays) = ("Would half the bytes pay?", "Where it pays most here, with a global batch of")
    let much = try markdown { if $0.ranks > 1 { $0.narrowStepSeconds = 0.8 * $0.stepSeconds } }
    #expect(much.contains(heading) && much.contains(pays) && much.contains(" 20.0 |"))
    let little = try markdown { if $0.ranks > 1 { $0.narrowStepSeconds = 0.99 * $0.stepSeconds } }
    #expect(little.contains("It would not pay here: a step would take") && !little.contains(pays))
    #expect(try !markdown { $0.narrowStepSeconds = nil }.contains(heading))
    let (study, records) = SyntheticScaling().study(globalBatch: [64, 256], ranks: [1, 2])
    #expect(StudyReport(study, records).markdown.contains(heading))
  }

  @Test("The page is whole, and is written with its pictures")
  func written() throws {
    let report = try Self.report()
    let html = try report.html()
    #expect(html.contains("Lockstep projection</title>") && !html.contains("{{") && html.contains("&lt;study&gt;"))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try report.write(to: folder.path)
    #expect(files.count == 4 + 7 && files.allSatisfy { FileManager.default.fileExists(atPath: $0) })
    #expect(try JSONSerialization.jsonObject(with: Data(report.json().utf8)) is [String: Any])
    #expect(try report.html() == Self.report().html())
  }

  @Test("A study's report has its projection, and says where it comes from")
  func inStudy() throws {
    let (study, records) = SyntheticScaling().study(globalBatch: [64, 256, 1024], ranks: [1, 2])
    let markdown = StudyReport(study, records).markdown
    #expect(markdown.contains("## Projection to more ranks") && markdown.contains("## Projected beside measured"))
    #expect(markdown.contains("explain what the study's own exchange took"))
    #expect(markdown.contains("figures/projected-steps.svg"))
    // Trials on one host and on two are trials of one cluster.
    #expect(!markdown.contains("different machines") && !markdown.contains("All ranks ran on one machine"))
    var others = records
    others[0].run.machine.processor = "another"
    #expect(StudyReport(study, others).markdown.contains("ran on 2 different machines or builds"))
  }
}
