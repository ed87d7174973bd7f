import Foundation
import Testing
import Training

extension CommandTests {
  /// Whoever is killed while saving over an older run leaves one whole run: the older or the new one.
  @Suite(.serialized) struct KilledSaves {
    /// Within saves; launch/test --long asks for 50.
    private static let kills = ProcessInfo.processInfo.environment["LOCKSTEP_KILLS"].flatMap { Int($0) } ?? 15
    /// 12 MB of weights and state.
    private static let model =
      "--set model.widths=[1024,128] --set 'optimizer={kind: adam}' --set globalBatch=64"

    /// A run, and all that is said of it.
    private struct Run {
      let folder: TemporaryFolder
      let record: RunRecord
      let evaluation: String

      init(_ arguments: String) throws {
        (record, folder) = try train(ranks: 1, "\(KilledSaves.model) \(arguments)")
        evaluation = try Shell.run("\(Shell.lockstep) evaluate \(folder.path)").output
      }
    }

    /// Where in a save a process died.
    private enum Moment: String {
      case writing = "while writing, before the manifest"
      case placing = "between the manifest and the last rename"
      case between = "in no save"

      init(_ folder: TemporaryFolder) throws {
        let hidden = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
          $0.hasPrefix(".") && $0 != ".lock"
        }
        let manifest = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.file("manifest.json")))
        let id = try #require((manifest as? [String: Any])?["id"] as? String)
        self = hidden.isEmpty ? .between : hidden.contains { $0.hasSuffix(id) } ? .placing : .writing
      }
    }

    @Test func leaveOneWholeRun() throws {
      let runs = try [Run("--set steps=2"), Run("--set steps=3 --set seed=2")]
      let folder = try TemporaryFolder()
      try Shell.run("cp -a \(runs[0].folder.path)/. \(folder.path)")
      let program = Shell.products.appendingPathComponent("Benchmarks").path
      var random = SeededRandom(7)
      var moments: [Moment: Int] = [:]
      var (found, current) = ([0, 0], 0)
      while moments[.writing, default: 0] + moments[.placing, default: 0] < Self.kills {
        // The first save of each process goes over the other run.
        let paths = [runs[1 - current], runs[current]].map(\.folder.path).joined(separator: " ")
        let saves = try RunningCommand("exec \(program) saves \(paths) \(folder.path)")
        Thread.sleep(forTimeInterval: .random(in: 0.05...0.35, using: &random))
        saves.signal(SIGKILL)
        let result = try saves.finish()
        try #require(result.status == 128 + SIGKILL, "\(result.text)")
        try moments[Moment(folder), default: 0] += 1
        current = try expectOne(of: runs, in: folder)
        found[current] += 1
        try #require(moments.values.reduce(0, +) < 4 * Self.kills, "too few kills meet a save: \(moments)")
      }
      print("kills: \(moments.map { "\($0.value) \($0.key.rawValue)" }.sorted()), runs found: \(found)")
      #expect(found.allSatisfy { $0 > 0 })
      // The next to use the folder frees it of what the killed left.
      _ = try ResultFolder(folder.path, replacing: .anyModel)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          == ["manifest.json", "model.json", "optimizer.safetensors", "run.json", "steps.json", "weights.safetensors"])
    }

    /// - Returns: which of the runs the folder holds.
    private func expectOne(of runs: [Run], in folder: TemporaryFolder) throws -> Int {
      let saved = try SavedModel(folder.path)
      #expect(try saved.check().count == 5)
      let hash = try saved.record().weightsSHA256
      let index = try #require(runs.firstIndex { $0.record.weightsSHA256 == hash })
      #expect(try saved.modelFile().weightsSHA256 == hash)
      let whole = try SavedModel(runs[index].folder.path)
      for file in SavedFile.allCases {
        #expect(try Data(contentsOf: saved.url(file)) == Data(contentsOf: whole.url(file)))
      }
      let evaluation = try Shell.run("\(Shell.lockstep) evaluate \(folder.path)")
      #expect(evaluation.status == 0 && evaluation.output == runs[index].evaluation, "\(evaluation.text)")
      return index
    }

    /// The command itself, killed as soon as something of the new run is on the disk.
    @Test func ofTrainKeepTheOlderRun() throws {
      let older = try Run("--set steps=2")
      let command =
        "train \(smallRun) \(Self.model) --set steps=3 --set seed=2 --overwrite --output \(older.folder.path)"
      let names = { (try? FileManager.default.contentsOfDirectory(atPath: older.folder.path)) ?? [] }
      let isWriting = { names().contains { $0.hasPrefix(".weights.safetensors.") && $0.hasSuffix(".partial") } }
      let run = try RunningCommand("exec \(Shell.lockstep) \(command)")
      let end = Date(timeIntervalSinceNow: 60)
      while !isWriting(), run.isRunning, Date() < end { usleep(200) }
      run.signal(SIGKILL)
      _ = try run.finish()
      let evaluation = try Shell.run("\(Shell.lockstep) evaluate \(older.folder.path)")
      let second = try SavedModel(older.folder.path).record().configuration.seed == 2
      #expect(evaluation.status == 0 && (evaluation.output == older.evaluation) != second, "\(evaluation.text)")
      let again = try Shell.run("\(Shell.lockstep) \(command)")
      #expect(again.status == 0, "\(again.text)")
      #expect(!names().contains { $0.hasPrefix(".") }, "\(names())")
      #expect(try SavedModel(older.folder.path).check().count == 5)
    }
  }
}
