import Foundation
import Testing

/// A command that must fail with one clear error, from one rank.
struct Mistake: CustomTestStringConvertible, Sendable {
  /// Arguments of lockstep; `OUT` stands for a new folder.
  let arguments: String
  /// Words of the error: the file, key or value, and the remedy.
  let names: [String]
  var testDescription: String { arguments }

  init(_ arguments: String, _ names: String...) {
    self.arguments = arguments
    self.names = names
  }
}

/// The output of a command that was expected to fail: no hang, one error with these words, no crash.
func expectOneError(_ result: Shell.Result, _ names: [String]) {
  #expect(result.failed, "\(result.text)")
  #expect(result.ownErrors.count == 1, "\(result.text)")
  for name in names { #expect(result.ownErrors.first?.contains(name) == true, "no '\(name)' in \(result.text)") }
  for crash in ["Fatal error", "Backtrace", "Segmentation fault", "*** Process received signal"] {
    #expect(!result.errors.contains(crash), "\(result.text)")
  }
}

extension CommandTests {
  @Suite(.serialized) struct BadInput {
    static let file = "launch/runs/fashion-mnist-mlp.yaml"
    static let run = "train \(file) --output OUT --set data.path=\(Shell.data)"
    static let study = "study launch/studies/batch-size.yaml --output OUT --set run.data.path=\(Shell.data)"

    static let mistakes = [
      Mistake("\(run) --set globalBatch=0", "globalBatch is 0", "at least 1"),
      Mistake("\(run) --set globalBatch=-5", "globalBatch is -5", "at least 1"),
      Mistake("\(run) --set globalBatch=many", "globalBatch", "many", "whole number"),
      Mistake("\(run) --set globalBatch=6001", "globalBatch is 6001", "6000 samples", "at most"),
      Mistake("\(run) --set microBatch=0", "microBatch is 0", "at least 1"),
      Mistake("\(run) --set epochs=[1]", "epochs", "whole number"),
      Mistake("\(run) --set learningRate.base=fast", "learningRate.base", "fast", "number"),
      Mistake("\(run) --set globlBatch=64", "globlBatch", "did you mean 'globalBatch'"),
      Mistake("\(run) --set model=mlp", "model"),
      Mistake("\(run) --set globalBatch", "globalBatch", "key=value"),
      Mistake("\(run) --set data.path=/nowhere --set data.fallback=/nowhere2", "/nowhere", "data.path"),
      Mistake("train missing.yaml --output OUT", "missing.yaml", "no such file"),
      Mistake("train launch --output OUT", "launch", "folder"),
      Mistake("train \(file)", "--output"),
      Mistake("train \(file) --output OUT --sett a=b", "--sett"),
      Mistake("\(study) --set axes.ranks=[64]", "axes.ranks", "64 ranks", "mpirun -np 64"),
      Mistake("\(study) --set axes.globalBatch=[64,6001]", "6001", "6000 samples"),
      Mistake("\(study) --set axes.globalBatch=[64,0]", "axes.globalBatch[1] is 0"),
      Mistake("\(study) --order byLuck", "byLuck", "shuffled or file"),
      Mistake("\(study) --set order=byLuck", "order", "byLuck", "shuffled"),
      Mistake("\(study) --set timing.interval=2", "timing.interval is 2", "at most 1"),
      Mistake("\(study) --set timing.retake=2", "timing.retake", "did you mean 'retakes'"),
      Mistake("study \(file) --output OUT", "fashion-mnist-mlp.yaml"),
      Mistake("evaluate OUT", "model.json", "lockstep train"),
      Mistake("evaluate OUT --schema a.yaml", "--schema", "--data"),
      Mistake("unknown", "unknown"),
    ]

    @Test(arguments: mistakes) func getsOneClearError(mistake: Mistake) throws {
      let folder = try TemporaryFolder()
      let arguments = mistake.arguments.replacingOccurrences(of: "OUT", with: folder.path)
      expectOneError(try Shell.lockstep(ranks: 2, arguments), mistake.names)
      #expect(!Shell.fileExists(folder.file("run.json")) && folder.text(of: "trials.jsonl").isEmpty)
    }

    /// Errors in a file name the line.
    @Test(arguments: [
      ("s/^globalBatch:/globlBatch:/", "run.yaml:8: unknown key 'globlBatch'"),
      ("s/^epochs: 10/epochs: ten/", "run.yaml:10: epochs"),
      ("s/^seed: 1/seed: [/", "run.yaml:1"),
    ])
    func inAFileNamesTheLine(edit: String, words: String) throws {
      let folder = try TemporaryFolder()
      let file = folder.file("run.yaml").path
      try Shell.run("sed '\(edit)' \(Self.file) > \(file)")
      expectOneError(try Shell.lockstep(ranks: 2, "train \(file) --output \(folder.path)/out"), [words])
    }

    /// A launcher of another MPI starts ranks that cannot see each other: two runs that overwrite each other's results.
    @Test func wrongLauncherIsNoticed() throws {
      let folder = try TemporaryFolder()
      let command = "\(Shell.lockstep) train \(smallRun) --output \(folder.path)"
      let first = try Shell.run("PMI_RANK=0 PMI_SIZE=2 \(command)")
      expectOneError(first, ["rank 0 of 2", "world of 1", "mpirun"])
      #expect(!Shell.fileExists(folder.file("run.json")))
    }

    @Test(arguments: ["convert \(Shell.data)/README.md OUT", "inspect OUT/nothing", "report OUT"])
    func ofACommandWithoutRanksGetsOneClearError(arguments: String) throws {
      let folder = try TemporaryFolder()
      let arguments = arguments.replacingOccurrences(of: "OUT", with: folder.path)
      let path = try #require(arguments.split(separator: " ").dropFirst().first)
      expectOneError(try Shell.run("\(Shell.lockstep) \(arguments)"), [String(path)])
    }
  }
}
