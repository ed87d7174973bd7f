import Files
import Foundation
import FoundationXML
import Interconnect
import Reports
import Testing

@Suite("Report of a network")
struct NetworkReportTests {
  private let facts = NetworkFacts(
    hosts: [.init(name: "node0", ranks: 1), .init(name: "node1", ranks: 1)], mpi: "Open MPI 4.1.4",
    settings: ["OMPI_MCA_btl_tcp_links=4"], processor: "a processor", measuredAt: "2026-01-01T00:00:00Z",
    command: "mpirun -np 2 lockstep network --output out")

  /// 0.1 ms and 100 MB/s, but 64 KiB take three times as long as they should.
  private func model() throws -> NetworkModel {
    let times = (3...20).map { power in
      let seconds = (1e-4 + Double(1 << power) * 1e-8) * (power == 16 ? 3 : 1)
      return CollectiveTime(.allReduce, ranks: 2, nodes: 2, bytes: 1 << power, times: [seconds, seconds, seconds])
    }
    return try NetworkModel(facts: facts, times: times, reductions: [])
  }

  @Test func saysFitsErrorsAndCliffs() throws {
    let text = NetworkReport(try model()).terminal
    #expect(text.contains("all-reduce, 2 ranks on 2 hosts"), "\(text)")
    #expect(text.contains("Sizes that a fit of every second size did not see are missed by"), "\(text)")
    #expect(
      text.contains(
        "Cliff: all-reduce, 2 ranks on 2 hosts, 64 KiB take 2.27 ms, out of proportion to the 428 µs of 32"),
      "\(text)")
    #expect(text.contains("128 KiB take 1.41 ms, less than the 2.27 ms of 64"), "\(text)")
    #expect(text.contains("launch/tune-network"), "\(text)")
  }

  @Test("What was timed and could not be fitted is named, once")
  func namesWhatHasNoFit() throws {
    var model = try model()
    #expect(!NetworkReport(model).terminal.contains("for a fit"))
    model.times += [8, 16].map { CollectiveTime(.allToAll, ranks: 2, nodes: 2, bytes: $0, times: [1e-4]) }
    let parts = NetworkReport(model).terminal.components(separatedBy: "for a fit: all-to-all, 2 ranks on 2 hosts.")
    #expect(parts.count == 2, "\(parts)")
  }

  @Test func drawsMeasuredBesideFitted() throws {
    let figures = NetworkReport(try model()).figures
    #expect(figures.map(\.name) == ["network-allReduce"] && figures[0].panels.count == 1)
    let svg = figures[0].panels[0]
    #expect(svg.contains("2 ranks, measured") && svg.contains("fitted"))
    #expect(svg.contains("between hosts, one rank on each"))
  }

  @Test func writesThePageThePicturesAndTheModel() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    let model = try model()
    let files = try NetworkReport(model).write(to: OutputFolder(url.path))
    #expect(files == ["network.json", "network.md", "figures/network-allReduce.svg"])
    let page = try String(contentsOf: url.appendingPathComponent("network.md"), encoding: .utf8)
    #expect(page.contains("OMPI\\_MCA\\_btl\\_tcp\\_links=4") || page.contains("OMPI_MCA_btl_tcp_links=4"))
    #expect(page.contains("(figures/network-allReduce.svg)") && page.contains("## Measurements"))
    #expect(try NetworkModel.read(url.appendingPathComponent("network.json").path) == model)
  }

  @Test func tuningNamesWhatWasMeasured() throws {
    var other = try model()
    other.facts?.settings = ["OMPI_MCA_btl_tcp_links=2"]
    let report = TuningReport(
      try NetworkTuning([("a\nreboot", try model()), ("b", other)], sizes: 1 << 16...1 << 20))
    #expect(report.terminal.contains("btl_tcp_links=4") && report.terminal.contains("taken"), "\(report.terminal)")
    let lines = report.file.split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("# ") || $0.hasPrefix("export ") }, "\(report.file)")
    #expect(lines.last == "export OMPI_MCA_btl_tcp_links=${OMPI_MCA_btl_tcp_links:-4}")
    #expect(report.file.contains("64 KiB to 1 MiB, 2 ranks on 2 hosts"), "\(report.file)")
  }
}
