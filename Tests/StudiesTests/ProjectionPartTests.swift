import Configuration
import Interconnect
import Measurement
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Parts of a projection")
struct ProjectionPartTests {
  @Test("All but the last bucket hides behind a long backward pass, all but the first part of a long exchange")
  func overlap() {
    let rule = OverlapRule(buckets: 4, efficiency: 1)
    #expect(rule.exposed(exchange: 4, backward: 8) == 1)
    #expect(rule.exposed(exchange: 10, backward: 8) == 4)
    #expect(OverlapRule(buckets: 1, efficiency: 1).exposed(exchange: 4, backward: 8) == 4)
    #expect(OverlapRule(buckets: 4, efficiency: 0).exposed(exchange: 4, backward: 8) == 4)
    for (exchange, dense) in [(4.0, 1.0), (10, 1), (10, 0.5), (40, 0.9)] {
      let exposed = exchange * (1 - dense) + rule.exposed(exchange: exchange * dense, backward: 8)
      #expect(abs(rule.exchange(exposed: exposed, backward: 8, dense: dense) - exchange) < 1e-12)
    }
  }

  @Test("The last of P normal values, as Blom has it")
  func waiting() {
    #expect(WaitingFit.place(ranks: 1) == 0)
    // Exact expectations, Harter 1961: 0.56419, 1.02938, 2.50759.
    for (ranks, exact) in [(2, 0.56419), (4, 1.02938), (100, 2.50759)] {
      #expect(abs(WaitingFit.place(ranks: ranks) - exact) < 0.03)
    }
  }

  private static func records(strategy: ExecutionConfiguration.TableExchange) -> [TrialRecord] {
    var (_, records) = SyntheticScaling().study(globalBatch: [100, 5000], ranks: [1, 4])
    for index in records.indices {
      let steps = records[index].run.ledger.steps
      let samples = Double(records[index].trial.globalBatch) * Double(steps)
      records[index].run.ledger.samples = Int(samples)
      func rows(_ samples: Int) -> Double { 30 * Double(samples).squareRoot() * Double(steps) }
      let (own, ranks) = (
        rows(records[index].trial.globalBatch / records[index].trial.ranks), records[index].trial.ranks
      )
      func spread(_ value: Double) -> Spread { Spread(minimum: value, median: value, maximum: value) }
      records[index].run.ledger.tables = TableTrafficSummary(
        sparseSteps: ranks > 1 ? steps : 0, denseSteps: 0, sparseBytes: spread(ranks > 1 ? own * 36 : 0), denseBytes: 0,
        messages: 3 * steps, touchedRows: spread(own), mergedRows: Int(rows(records[index].trial.globalBatch)))
      records[index].run.model.tableRows = 100_000
      records[index].run.model.tableBytes = 3_200_000
      records[index].run.configuration.execution.tableExchange = strategy
    }
    return records
  }

  @Test("Rows follow a power of the samples, up to the tables' own; every rank's go to all")
  func tables() throws {
    let load = try #require(TableLoad(Self.records(strategy: .sparse)))
    #expect(abs(load.exponent - 0.5) < 1e-3 && abs(load.bytesPerRow - 36) < 1e-9)
    #expect(abs(load.rows(samples: 400) / 600 - 1) < 1e-2 && load.rows(samples: 1e12) == 100_000)
    let network = NetworkModel(dataSheet: 0, bandwidthBytesPerSecond: 1e9)
    // Of 8 ranks' 600 rows of 36 B each, a rank gets seven parts.
    let seconds = try load.seconds(on: network, samples: 400, ranks: 8, nodes: 8).seconds
    #expect(abs(seconds / (7.0 / 8 * (8 * 600 * 36 + 64) / 1e9) - 1) < 0.02)
    // Whole tables are cheaper once all ranks' rows are more.
    let auto = try #require(TableLoad(Self.records(strategy: .auto)))
    let dense = try #require(TableLoad(Self.records(strategy: .dense)))
    func both(_ ranks: Int) throws -> [Double] {
      try [load, dense, auto].map { try $0.seconds(on: network, samples: 400, ranks: ranks, nodes: ranks).seconds }
    }
    let (few, many) = (try both(2), try both(4096))
    #expect(few[2] == few[0] && few[0] < few[1] && many[2] == many[1] && many[1] < many[0])
  }

  @Test("Messages of the tables' exchange: counts, ids and values gathered, or counts gathered and one reduction")
  func tableLatency() throws {
    let network = NetworkModel(dataSheet: 1e-3, bandwidthBytesPerSecond: 1e9)
    let loads = try [ExecutionConfiguration.TableExchange.sparse, .dense, .auto].map {
      try #require(TableLoad(Self.records(strategy: $0)))
    }
    func latencies(_ ranks: Int) throws -> [Double] {
      try loads.map { try $0.latency(on: network, samples: 400, ranks: ranks, nodes: ranks) }
    }
    let gather = try network.seconds(of: .allGather, bytes: 4 * 8, ranks: 4, nodes: 4).seconds
    let reduce = try network.seconds(of: .allReduce, bytes: 8, ranks: 4, nodes: 4).seconds
    let four = try latencies(4)
    #expect(abs(four[0] - 3 * gather) < 1e-12 && abs(four[1] - gather - reduce) < 1e-12)
    // Whichever way auto takes.
    let whole = try loads.map { try $0.seconds(on: network, samples: 400, ranks: 4, nodes: 4).seconds }
    #expect(four[2] == (whole[0] <= whole[1] ? four[0] : four[1]) && whole[2] == min(whole[0], whole[1]))
  }

  @Test("A model with tables has them in its projection, with more bytes on more ranks")
  func tablesInProjection() throws {
    let (study, _) = SyntheticScaling().study(globalBatch: [100, 5000], ranks: [1, 4])
    var records = Self.records(strategy: .sparse)
    for index in records.indices { records[index].run.dataset.trainingSamples = 100_000 }
    let projection = try Projection(StudySummary(study, records), records)
    #expect(projection.fit.hasTables)
    let points = projection.strong.filter { $0.globalBatch == 5000 && $0.ranks > 1 }
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.exchangeSeconds < $1.exchangeSeconds })
  }

  @Test("The one kind of trials that is asked for is taken; several and none are errors that list them")
  func subject() throws {
    let parts = SyntheticStudy.parts()
    let stored = StoredStudy(parts, SyntheticStudy.partRecords(of: parts))
    let subject = try ProjectionSubject(stored, only: ["variant=slow"])
    #expect(subject.labels == ["part=batch", "variant=slow"])
    #expect(!subject.records.isEmpty && subject.records.allSatisfy { $0.trial.variant == "slow" })
    let several = #expect(throws: StudyError.self) { try ProjectionSubject(stored, only: []) }
    #expect(several?.description.contains("part=batch variant=plain; part=batch variant=slow") == true)
    let none = #expect(throws: StudyError.self) { try ProjectionSubject(stored, only: ["variant=fast"]) }
    #expect(none?.description.contains("no trials of --only variant=fast") == true)
    var calls = parts
    calls.parts?.removeLast()
    let timed = #expect(throws: StudyError.self) { try ProjectionSubject(StoredStudy(calls, []), only: []) }
    #expect(timed?.description.contains("timed calls, not training") == true)
  }
}
