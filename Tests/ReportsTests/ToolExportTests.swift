import Configuration
import Foundation
import Measurement
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Results for other tools")
struct ToolExportTests {
  private static let study = SyntheticStudy.study(seeds: [1, 2], ranks: [1, 2], target: 0.79)

  /// As a program that notes moments leaves it: the run began 2 s after it was prepared, an epoch takes 1 s, its evaluation 0.25.
  private static func timed(_ record: TrialRecord) -> TrialRecord {
    var record = record
    record.run.moments = RunMoments(prepared: 1000, began: 1002, ended: 1009.5)
    for index in record.run.epochs.indices {
      let began = 1002 + 1.5 * Double(index)
      record.run.epochs[index].moments = EpochMoments(began: began, trained: began + 1, ended: began + 1.25)
      record.run.epochs[index].energy = Energy(processors: 30 + Double(index))
    }
    return record
  }

  private static let records = SyntheticStudy.records(of: study).map(timed)
  private static let stored = StoredStudy(study, records)

  // MLPerf.

  private struct Line {
    let event: String
    let key: String
    let time: Int
    let value: Any
    let metadata: [String: Any]

    init(_ text: Substring) throws {
      let mark = ":::MLLOG "
      try #require(text.hasPrefix(mark), "\(text)")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(text.dropFirst(mark.count).utf8)) as? [String: Any])
      event = try #require(object["event_type"] as? String)
      key = try #require(object["key"] as? String)
      time = try #require(object["time_ms"] as? Int)
      value = try #require(object["value"])
      metadata = try #require(object["metadata"] as? [String: Any])
    }
  }

  private func lines(_ file: ToolExport.File) throws -> [Line] {
    try String(decoding: file.data, as: UTF8.self).split(separator: "\n").map(Line.init)
  }

  @Test func logOfARunHasItsMomentsInOrder() throws {
    let export = try ToolExport(Self.records[0].run, for: .mlperf, benchmark: "resnet")
    #expect(export.files.map(\.path) == ["result_0.txt"] && export.notices.isEmpty)
    let lines = try lines(export.files[0])
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.time <= $1.time })
    func times(_ key: String) -> [Int] { lines.filter { $0.key == key }.map(\.time) }
    #expect(times("init_start") == [1_000_000] && times("init_stop") == [1_002_000])
    #expect(times("run_start") == [1_002_000] && times("run_stop") == [1_009_500])
    #expect(times("epoch_start") == [1_002_000, 1_003_500, 1_005_000, 1_006_500])
    #expect(
      times("epoch_stop") == times("eval_start") && times("epoch_stop") == [1_003_000, 1_004_500, 1_006_000, 1_007_500])
    #expect(times("eval_stop") == [1_003_250, 1_004_750, 1_006_250, 1_007_750])
    for line in lines {
      let event =
        line.key.hasSuffix("_start") ? "INTERVAL_START" : line.key.hasSuffix("_stop") ? "INTERVAL_END" : "POINT_IN_TIME"
      #expect(line.event == event, "\(line.key)")
      #expect(line.metadata["file"] is String && line.metadata["lineno"] is Int)
    }
    let accuracies = lines.filter { $0.key == "eval_accuracy" }
    #expect(accuracies.compactMap { $0.value as? Double } == Self.records[0].run.epochs.map { $0.validation!.accuracy })
    #expect(accuracies.compactMap { $0.metadata["epoch_num"] as? Int } == [1, 2, 3, 4])
    #expect(accuracies.compactMap { $0.metadata["samples_count"] as? Int } == [4096, 8192, 12288, 16384])
  }

  @Test func logSaysTheSettings() throws {
    var run = Self.records[0].run
    run.configuration.globalBatch = 1000
    run.configuration.microBatch = 96
    run.configuration.learningRate = .init(
      base: 0.1, scaling: .linear, baseBatch: 100, schedule: .steps, milestones: [2])
    run.configuration.optimizer = OptimizerConfiguration(kind: .adamw, weightDecay: 0.01)
    run.configuration.exchangePrecision = .bfloat16
    let lines = try lines(ToolExport(run, for: .mlperf).files[0])
    func value(_ key: String) -> Any? { lines.first { $0.key == key }?.value }
    #expect(value("submission_benchmark") as? String == "mlp" && value("submission_division") as? String == "open")
    #expect(value("global_batch_size") as? Int == 1000 && value("micro_batch_size") as? Int == 96)
    // Eleven microbatches.
    #expect(value("gradient_accumulation_steps") as? Int == (11 + run.ranks - 1) / run.ranks)
    #expect(value("opt_name") as? String == "adamw" && value("opt_adamw_beta_2") as? Double == 0.999)
    #expect(value("opt_base_learning_rate") as? Double == 1 && value("opt_weight_decay") as? Double == 0.01)
    #expect(value("opt_learning_rate_decay_boundary_epochs") as? [Double] == [2])
    #expect(value("lowest_numerical_precision_in_comm") as? String == "bfloat16")
    #expect(value("cache_clear") as? Bool == false && value("opt_gradient_clip_norm") == nil)
    #expect(value("train_samples") as? Int == 4096 && value("eval_samples") as? Int == 1000)
  }

  @Test func statusIsWhetherTheTargetWasReached() throws {
    let export = try ToolExport(Self.stored, for: .mlperf)
    #expect(export.runs == Self.records.count && export.files.count == Self.records.count)
    #expect(export.files.contains { $0.path == "globalBatch=64,scaling=none,ranks=1/result_1.txt" })
    for file in export.files {
      let lines = try lines(file)
      let best = lines.filter { $0.key == "eval_accuracy" }.compactMap { $0.value as? Double }.max() ?? 0
      let status = lines.last { $0.key == "run_stop" }?.metadata["status"] as? String
      #expect(status == (best >= 0.79 ? "success" : "aborted"), "\(file.path)")
    }
    var diverged = Self.timed(SyntheticStudy.diverged(Self.study.trials[0], of: Self.study))
    let lines = try lines(ToolExport(diverged.run, for: .mlperf).files[0])
    #expect(lines.last?.metadata["status"] as? String == "aborted")
    diverged.run.moments = nil
    #expect(throws: ToolExport.Failure.self) { try ToolExport(diverged.run, for: .mlperf) }
  }

  @Test func momentsThatWereNotNotedAreNotMadeUp() throws {
    let old = SyntheticStudy.records(of: Self.study)
    let failure = #expect(throws: ToolExport.Failure.self) {
      try ToolExport(StoredStudy(Self.study, old), for: .mlperf)
    }
    #expect(failure?.description.contains("train again") == true)
    let some = try ToolExport(StoredStudy(Self.study, [Self.records[0]] + old[1...]), for: .mlperf)
    #expect(some.runs == 1 && some.notices.contains { $0.contains("\(old.count - 1) runs left out") })
    let curves = try ToolExport(StoredStudy(Self.study, old), for: .tensorBoard)
    #expect(curves.notices.contains { $0.contains("time of the run's start") })
  }

  // TensorBoard: the content is read back by launch/export-checks.

  @Test func everyTrialHasAFolder() throws {
    let export = try ToolExport(Self.stored, for: .tensorBoard)
    #expect(export.files.count == Self.records.count + 1 && Set(export.files.map(\.path)).count == export.files.count)
    #expect(export.files[0].path == "events.out.tfevents.1002.lockstep")
    #expect(
      export.files.contains {
        $0.path == "globalBatch=256,scaling=linear,ranks=2,seed=2/events.out.tfevents.1002.lockstep"
      })
    for file in export.files { #expect(file.data.starts(with: [0x18, 0, 0, 0, 0, 0, 0, 0])) }
    func holds(_ text: String, _ file: ToolExport.File) -> Bool { file.data.range(of: Data(text.utf8)) != nil }
    #expect(holds("_hparams_/experiment", export.files[0]) && holds("globalBatch", export.files[0]))
    for file in export.files.dropFirst() {
      for word in ["_hparams_/session_start_info", "_hparams_/session_end_info", "test/loss", "epoch_joules"] {
        #expect(holds(word, file), "\(word) in \(file.path)")
      }
    }
  }

  @Test func aRunHasAFolderToo() throws {
    let export = try ToolExport(Self.records[0].run, for: .tensorBoard)
    #expect(export.files.map(\.path) == ["globalBatch=64,ranks=2,seed=1/events.out.tfevents.1002.lockstep"])
    #expect(export.files[0].data.range(of: Data("optimizer.momentum".utf8)) != nil, "all settings of its own")
  }

  @Test func namesFromAnywhereAreNamesOfFolders() throws {
    var study = SyntheticStudy.variants()
    study.variants?[0].name = "../../up\n"
    study.variants?[1].name = ".._.._up_"
    let export = try ToolExport(
      StoredStudy(study, SyntheticStudy.records(of: study).map(Self.timed)), for: .tensorBoard)
    #expect(Set(export.files.map(\.path)).count == export.files.count && export.files.count == study.trials.count + 1)
    for file in export.files {
      #expect(
        !file.path.split(separator: "/").contains { $0.hasPrefix(".") } && !file.path.contains("\n"), "\(file.path)")
    }
  }

  // Extra-P.

  private struct Measurements: Decodable {
    struct Point: Decodable, Equatable {
      var point: [Double]
      var values: [Double]
    }
    var parameters: [String]
    var measurements: [String: [String: [Point]]]
  }

  private func measurements(_ file: ToolExport.File) throws -> Measurements {
    try JSONDecoder().decode(Measurements.self, from: file.data)
  }

  @Test func timesOfEqualWorkAreRepetitions() throws {
    let export = try ToolExport(Self.stored, for: .extraP)
    #expect(export.files.map(\.path) == ["extra-p.json"])
    let measured = try measurements(export.files[0])
    #expect(measured.parameters == ["ranks", "globalBatch"])
    let epochs = try #require(measured.measurements["epoch"]?["time"])
    #expect(epochs.map(\.point) == [[1, 64], [1, 256], [1, 1024], [2, 64], [2, 256], [2, 1024]])
    for place in epochs {
      let equal = Self.records.filter { [Double($0.trial.ranks), Double($0.trial.globalBatch)] == place.point }
      #expect(place.values == equal.flatMap { $0.run.epochs.map(\.seconds) })
    }
    for phase in Phase.ofTraining {
      #expect(measured.measurements["epoch->\(phase.name)"]?["time"]?.count == epochs.count, "\(phase.name)")
    }
    #expect(measured.measurements["epoch"]?["energy"]?.first?.values.prefix(4) == [30, 31, 32, 33])
    #expect(measured.measurements["epoch"]?["bytes"]?.first?.values.first == 256_000)
  }

  @Test func whatOnePointLacksIsNotTold() throws {
    var records = Self.records
    for index in records[0].run.epochs.indices { records[0].run.epochs[index].energy = nil }
    let measured = try measurements(ToolExport(StoredStudy(Self.study, records), for: .extraP).files[0])
    #expect(measured.measurements["epoch"]?["energy"] == nil && measured.measurements["epoch"]?["time"] != nil)
  }

  @Test func onlyWhatVariesIsAParameterAndEachWorkHasAFile() throws {
    let study = SyntheticStudy.variants()
    let export = try ToolExport(StoredStudy(study, SyntheticStudy.records(of: study)), for: .extraP)
    #expect(export.files.map(\.path) == ["extra-p-plain.json", "extra-p-slow.json"])
    for file in export.files { #expect(try measurements(file).parameters == ["globalBatch"]) }
    let run = try measurements(ToolExport(Self.records[0].run, for: .extraP).files[0])
    #expect(run.parameters == ["ranks", "globalBatch"])
  }

  // Whatever the results.

  @Test func partsOfAStudyThatTimeCallsAreLeftOutAndSoIsWhatIsMissing() throws {
    let study = SyntheticStudy.parts()
    let records = Array(SyntheticStudy.partRecords(of: study).dropLast().map(Self.timed))
    for tool in OtherTool.allCases {
      let export = try ToolExport(StoredStudy(study, records), for: tool)
      #expect(export.notices.contains { $0.contains("time calls") }, "\(tool)")
      #expect(export.notices.contains { $0.hasPrefix("1 trial of \(study.trials.count)") }, "\(export.notices)")
      #expect(export.runs == records.count { $0.calls == nil })
    }
  }

  @Test(arguments: OtherTool.allCases) func nothingToTellOfIsSaid(tool: OtherTool) throws {
    #expect(throws: ToolExport.Failure.self) { try ToolExport(StoredStudy(Self.study, []), for: tool) }
  }

  @Test(arguments: OtherTool.allCases) func extremeNumbersDoNoHarm(tool: OtherTool) throws {
    let paths: [WritableKeyPath<RunRecord, Double>] = [
      \.moments!.prepared, \.moments!.ended, \.epochs[0].moments!.trained, \.epochs[0].seconds,
      \.epochs[0].training.loss,
      \.epochs[0].validation!.accuracy, \.epochs[0].energy!.processors, \.configuration.learningRate.base,
      \.epochs[0].learningRate, \.epochs[0].ledger.phases["exchangeWire"]!.median,
    ]
    for path in paths {
      for value in [0, -1, 1e308, -1e308, .nan, .infinity, -.infinity] {
        var records = Self.records
        records[0].run[keyPath: path] = value
        let export = try ToolExport(StoredStudy(Self.study, records), for: tool)
        #expect(export.files.allSatisfy { $0.data.range(of: Data("Infinity".utf8)) == nil || tool == .tensorBoard })
      }
    }
    let counts: [WritableKeyPath<RunRecord, Int>] = [
      \.ranks, \.stepsPerEpoch, \.updates, \.epochs[0].updates, \.epochs[0].ledger.samples, \.epochs[0].ledger.steps,
      \.epochs[0].ledger.exchangedBytes, \.configuration.globalBatch, \.configuration.microBatch,
    ]
    for path in counts {
      for value in [0, -1, Int.max, Int.min] {
        var records = Self.records
        records[0].run[keyPath: path] = value
        #expect(try !ToolExport(StoredStudy(Self.study, records), for: tool).files.isEmpty)
      }
    }
  }

  @Test func aFolderThatHoldsSomethingIsLeftAlone() throws {
    let folder = NSTemporaryDirectory() + "lockstep-export-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let export = try ToolExport(Self.stored, for: .mlperf)
    let files = try export.write(to: folder)
    #expect(files.count == export.files.count)
    for (path, file) in zip(files, export.files) { #expect(FileManager.default.contents(atPath: path) == file.data) }
    let failure = #expect(throws: ToolExport.Failure.self) { try export.write(to: folder) }
    #expect(failure?.description.contains("is not empty") == true)
  }
}
