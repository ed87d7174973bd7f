import Configuration
import Interconnect
import Measurement
import Statistics
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Projections on networks")
struct ProjectionNetworkTests {
  private static let law: SyntheticScaling = {
    var law = SyntheticScaling()
    law.hidden = 0.5
    return law
  }()

  /// A ring twice as fast as the study's own.
  private static func measured(hosts: Int = 4) -> NetworkModel {
    let fits = [Collective.allReduce, .allGather].flatMap { collective in
      [2, 4].map { ranks in
        CollectiveFit(
          collective, ranks: ranks, nodes: ranks,
          regimes: [
            CostRegime(
              fromBytes: 0, latencySeconds: law.latency / 2, secondsPerByte: law.secondsPerByte / 2,
              reductionSecondsPerByte: 0, schedules: [.ring])
          ], bytes: 8...1 << 26, error: 0.01, heldOutError: nil, errorPerDoubling: 0.1)
      }
    }
    var network = NetworkModel(fits: fits)
    network.facts = NetworkFacts(
      hosts: (0..<hosts).map { .init(name: "node\($0)", ranks: 1) }, mpi: "none", settings: [], processor: "synthetic",
      measuredAt: "2000-01-01T00:00:00Z", command: "lockstep network")
    return network
  }

  private func projection(_ ranks: [Int], _ change: (inout ProjectionQuestion) -> Void) throws -> Projection {
    let (study, records) = Self.law.study(globalBatch: [64, 256, 1024], ranks: ranks)
    var question = ProjectionQuestion()
    change(&question)
    return try Projection(StudySummary(study, records), records, question)
  }

  @Test("The study's pace on its own network is found, and what is hidden")
  func pace() throws {
    let projection = try projection([1, 2, 4]) { $0.network = Self.measured() }
    #expect(abs(projection.fit.pace - 2) < 0.05 && abs(projection.fit.hiddenShare - 0.375) < 0.02)
    #expect(projection.fit.network == .measured(hosts: 4, ranks: 4))
    for point in projection.strong {
      let truth = Self.law.step(globalBatch: point.globalBatch, ranks: point.ranks)
      #expect(abs(point.stepSeconds / truth - 1) < 0.02, "\(point.ranks) \(point.globalBatch)")
    }
  }

  @Test("A network of other hosts or processors is refused, unless it is meant")
  func otherCluster() throws {
    for network in [Self.measured(hosts: 2), Self.with(Self.measured()) { $0.facts?.processor = "another" }] {
      let error = #expect(throws: StudyError.self) { try projection([1, 2, 4]) { $0.network = network } }
      #expect(error?.description.contains("of another cluster than the study") == true)
      #expect(error?.description.contains("--elsewhere") == true)
      let elsewhere = try projection([1, 2, 4]) { ($0.network, $0.isElsewhere) = (network, true) }
      #expect(elsewhere.fit.pace == 1 && abs(elsewhere.fit.hiddenShare - 0.375) < 1e-9)
    }
  }

  private static func with(_ network: NetworkModel, _ change: (inout NetworkModel) -> Void) -> NetworkModel {
    var network = network
    change(&network)
    return network
  }

  @Test("One rank alone is enough with a data sheet: its bytes are the model's, in buckets")
  func oneRank() throws {
    let projection = try projection([1]) { $0.network = NetworkModel(dataSheet: 1e-5, bandwidthBytesPerSecond: 1e9) }
    // 1,000 parameters.
    #expect(projection.fit.exchangedBytes == 4000 && projection.fit.buckets == 1 && projection.fit.hiddenShare == 0)
    #expect(projection.fit.network == .dataSheet(latency: 1e-5, bytesPerSecond: 1e9))
  }

  @Test("Buckets are cut by the floats in them, of the size that a run took")
  func bucketsOfOneRank() throws {
    func fit(_ change: (inout RunRecord) -> Void) throws -> Projection.Fit {
      var (study, records) = Self.law.study(globalBatch: [64, 256, 1024], ranks: [1])
      study.name = "buckets"
      for index in records.indices { change(&records[index].run) }
      var question = ProjectionQuestion()
      question.network = NetworkModel(dataSheet: 1e-5, bandwidthBytesPerSecond: 1e9)
      return try Projection(StudySummary(study, records), records, question).fit
    }
    // 1,000 floats are 4,000 bytes in buckets and 2,000 on the wire.
    let narrow = try fit {
      ($0.configuration.exchangePrecision, $0.configuration.execution.bucketBytes) = (.bfloat16, .bytes(1000))
    }
    #expect(narrow.exchangedBytes == 2000 && narrow.buckets == 4)
    let taken = try fit { $0.bucketBytes = 2000 }
    #expect(taken.exchangedBytes == 4000 && taken.buckets == 2)
  }

  @Test("Half the bytes take half the time of bytes off a step, where gradients are floats and may be narrow")
  func narrow() throws {
    func points(_ change: (inout RunConfiguration) -> Void = { _ in }) throws -> [Projection.Point] {
      var (study, records) = Self.law.study(globalBatch: [64, 256, 1024], ranks: [1])
      study.name = "narrow"
      for index in records.indices { change(&records[index].run.configuration) }
      var question = ProjectionQuestion()
      question.network = NetworkModel(dataSheet: 1e-5, bandwidthBytesPerSecond: 1e6)
      question.places = [1, 2, 4].map { .init(ranks: $0, nodes: $0) }
      return try Projection(StudySummary(study, records), records, question).strong
    }
    for point in try points() {
      guard point.ranks > 1 else {
        #expect(point.narrowStepSeconds == nil && point.narrowGain == nil)
        continue
      }
      // Eight bytes are counted as latency.
      let half = point.stepSeconds - point.terms.bandwidth / 2
      #expect(abs(try #require(point.narrowStepSeconds) - half) < 0.01 * point.terms.bandwidth, "\(point)")
      #expect(point.terms.bandwidth > 1e-3)
    }
    #expect(try points { $0.exchangePrecision = .float16 }.allSatisfy { $0.narrowStepSeconds == nil })
    #expect(try points { $0.execution.summation = .reproducible }.allSatisfy { $0.narrowStepSeconds == nil })
  }

  @Test("What cannot be projected says what is missing")
  func obstacles() throws {
    func words(_ study: StudyConfiguration, _ records: [TrialRecord], _ question: ProjectionQuestion = .init())
      -> String
    {
      do {
        _ = try Projection(StudySummary(study, records), records, question)
        return ""
      } catch { return "\(error)" }
    }
    let (study, records) = Self.law.study(globalBatch: [64, 256], ranks: [1, 2])
    #expect(words(study, []).contains("run the study first"))
    let same = records.filter { $0.trial.globalBatch == 64 && $0.trial.ranks == 1 }
    var sheet = ProjectionQuestion()
    sheet.network = NetworkModel(dataSheet: 1e-5, bandwidthBytesPerSecond: 1e9)
    #expect(words(study, same, sheet).contains("axes.globalBatch"))
    #expect(words(study, records.filter { $0.trial.ranks == 1 }).contains("add axes.ranks, such as [1, 2]"))
    // Read in the report of lockstep study too.
    #expect(words(study, records.filter { $0.trial.ranks == 1 }).contains("or give lockstep project --network"))
    var fit = ProjectionQuestion()
    fit.fitRanks = [3]
    #expect(words(study, records, fit).contains("the study has 1, 2"))
    var falling = records
    for index in falling.indices { falling[index].run.stepSeconds = 1 / Double(falling[index].trial.globalBatch) }
    #expect(words(study, falling).contains("no line a + b·B"))
    var threads = records
    threads[0].run.threadsPerRank = 7
    #expect(words(study, threads).contains("threads per rank"))
  }
}
