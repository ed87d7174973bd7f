import Files
import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  /// Results in a folder are not lost to the next command, nor to one beside it.
  @Suite(.serialized) struct ResultFolders {
    private static let small = "train \(smallRun) --set model.widths=[8] --set steps=3 --set globalBatch=64"
    private static let endless = "train \(loudRun) --set model.widths=[8] --set epochs=100000"

    /// Every file's bytes, by name; folders have none.
    private func contents(_ folder: TemporaryFolder) throws -> [String: Data?] {
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      return Dictionary(uniqueKeysWithValues: names.map { ($0, try? Data(contentsOf: folder.file($0))) })
    }

    /// Runs until the command holds its folder and trains.
    private func start(_ arguments: String, in folder: TemporaryFolder) throws -> RunningCommand {
      let run = try RunningCommand("exec \(Shell.lockstep) \(arguments) --output \(folder.path)")
      try run.waitForTraining()
      return run
    }

    @Test func aModelIsNotOverwrittenWithoutAWord() throws {
      let folder = try TemporaryFolder()
      let command = "\(Self.small) --output \(folder.path)"
      try #require(try Shell.lockstep(ranks: 2, command).status == 0)
      let before = try contents(folder)
      let wanted = [folder.path, "holds a model already", "run.json", "completed", "another folder", "--overwrite"]
      expectOneError(try Shell.lockstep(ranks: 2, command), wanted)
      #expect(try contents(folder) == before)
      // A run that does not reach its end replaces nothing either.
      let failing = try Shell.lockstep(ranks: 2, "\(command) --overwrite --set globalBatch=6001")
      #expect(failing.failed, "\(failing.text)")
      #expect(try contents(folder) == before)
      let reader = try SavedModel(folder.path)
      try #require(try Shell.lockstep(ranks: 2, "\(command) --overwrite --set seed=2").status == 0)
      let error = #expect(throws: ModelFile.Failure.self) { try reader.check() }
      #expect(error?.description.hasSuffix("was saved anew while it was read: start again") == true)
      #expect(try SavedModel(folder.path).record().configuration.seed == 2)
      #expect(try contents(folder).keys.sorted() == before.keys.sorted())
      // To go on in the same place is to overwrite.
      let next = try Shell.lockstep(ranks: 2, "\(command) --overwrite --from \(folder.path)")
      #expect(next.status == 0, "\(next.text)")
    }

    @Test func resultsOfAnotherKindAreNoPlaceForAModel() throws {
      let (run, study) = (try TemporaryFolder(), try TemporaryFolder())
      try #require(try Shell.run("\(Shell.lockstep) \(Self.small) --output \(run.path)").status == 0)
      try #require(try Shell.run("\(Shell.lockstep) \(tinyStudy) --output \(study.path)").status == 0)
      let before = (try contents(run), try contents(study))
      expectOneError(
        try Shell.run("\(Shell.lockstep) \(Self.small) --output \(study.path) --overwrite"),
        [study.path, "other results (study.json)", "choose another"])
      expectOneError(
        try Shell.run("\(Shell.lockstep) \(tinyStudy) --output \(run.path)"),
        [run.path, "holds a model (run.json), not a study", "--output"])
      let other = try TemporaryFolder()
      try #require(try Shell.run("\(Shell.lockstep) \(Self.small) --set seed=2 --output \(other.path)").status == 0)
      expectOneError(
        try Shell.run("\(Shell.lockstep) export \(other.path) \(run.path)"),
        [run.path, "holds a run", "another folder"])
      #expect(try contents(run) == before.0)
      #expect(try contents(study) == before.1)
    }

    @Test func aSecondJobIsToldOfTheFirst() throws {
      let folder = try TemporaryFolder()
      let (_, model) = try train(ranks: 1, "--set model.widths=[8] --set steps=3")
      let first = try start(Self.endless, in: folder)
      let words = [folder.path, "in use by process \(first.id) on ", " since 20", "wait", "another folder"]
      for command in [
        "\(Self.small) --output \(folder.path)", "\(Self.small) --overwrite --output \(folder.path)",
        "\(tinyStudy) --output \(folder.path)", "export \(model.path) \(folder.path)",
      ] { expectOneError(try Shell.run("\(Shell.lockstep) \(command)"), words) }
      // Death frees the folder, whatever is left in it.
      first.signal(SIGKILL)
      _ = try first.finish()
      #expect(Shell.fileExists(folder.file(FolderLock.fileName)))
      let next = try Shell.run("\(Shell.lockstep) \(Self.small) --output \(folder.path)")
      #expect(next.status == 0, "\(next.text)")
      #expect(!Shell.fileExists(folder.file(FolderLock.fileName)))
    }

    @Test func whatKilledJobsLeftGoesAtTheNextStart() throws {
      let folder = try TemporaryFolder()
      let stale = [
        ".weights.safetensors.4711.partial", ".optimizer.safetensors.0123456789abcdef.partial",
        ".weights.safetensors.0123456789abcdef",
      ]
      for name in stale { try Data(count: 1000).write(to: folder.file(name)) }
      let failing = try Shell.run("\(Shell.lockstep) \(Self.small) --set globalBatch=6001 --output \(folder.path)")
      #expect(failing.failed, "\(failing.text)")
      #expect(try contents(folder).isEmpty)
    }

    @Test func resultsOfARunWhoseFolderWasRemovedAreSavedAllTheSame() throws {
      let folder = try TemporaryFolder()
      let run = try start(Self.endless, in: folder)
      try FileManager.default.removeItem(at: folder.url)
      run.signal(SIGINT)
      let result = try #require(try run.finish(within: 30), "it hangs")
      #expect(result.status == 130 && result.output.contains("\(folder.path): run.json"), "\(result.text)")
      #expect(try SavedModel(folder.path).check().count == 5)
    }

    /// Where somebody else has the folder by then, the results go beside it.
    @Test func resultsOfARunWhoseFolderWasReplacedAreSavedBesideIt() throws {
      let parent = try TemporaryFolder()
      let folder = parent.file("out").path
      let run = try RunningCommand("exec \(Shell.lockstep) \(Self.endless) --output \(folder)")
      try run.waitForTraining()
      try Shell.run("mv \(folder) \(folder)-moved")
      try #require(try Shell.run("\(Shell.lockstep) \(Self.small) --output \(folder)").status == 0)
      run.signal(SIGINT)
      let result = try #require(try run.finish(within: 30), "it hangs")
      #expect(result.status == 130 && result.output.contains("\(folder)-"), "\(result.text)")
      let other = try #require(
        try FileManager.default.contentsOfDirectory(atPath: parent.path).first { !["out", "out-moved"].contains($0) })
      #expect(try SavedModel(parent.file(other).path).check().count == 5)
      #expect(try SavedModel(folder).record().outcome == .completed)
    }

    @Test func aStudyWhoseFolderWasRemovedEndsWithAnError() throws {
      let folder = try TemporaryFolder()
      let study = "\(smallStudy) --set axes.seed=[1,2,3,4,5,6,7,8] --output \(folder.path)"
      let job = try RunningCommand("\(Shell.mpirun(2)) \(Shell.lockstep) \(study)")
      try #require(wait { !folder.text(of: "trials.jsonl").isEmpty }, "no trial was finished")
      // At once: file by file it would race against a study that writes into it.
      let away = try TemporaryFolder()
      try FileManager.default.moveItem(at: folder.url, to: away.file("removed"))
      let result = try #require(try job.finish(within: 60), "it goes on")
      expectOneError(result, ["trials.jsonl", "removed or replaced while the study ran", "folder that stays"])
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }
}
