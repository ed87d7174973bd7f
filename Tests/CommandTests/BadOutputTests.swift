import Foundation
import Studies
import Testing

extension CommandTests {
  @Suite(.serialized) struct BadOutput {
    /// Found before any training.
    @Test(arguments: ["train \(smallRun)", "study launch/studies/batch-size.yaml"], ["/proc/nowhere", "FILE/results"])
    func folderThatCannotBeMadeIsOneError(command: String, output: String) throws {
      let folder = try TemporaryFolder()
      try Data().write(to: folder.file("file"))
      let output = output.replacingOccurrences(of: "FILE", with: folder.file("file").path)
      expectOneError(try Shell.lockstep(ranks: 2, "\(command) --output \(output)"), [output, "choose a"])
    }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func fullDiskEndsARunWithOneError() throws {
      let disk = try SmallDisk(kilobytes: 64)
      let result = try disk.run("\(Shell.lockstep) train \(smallRun) --set steps=2 --output \(disk.path)")
      expectOneError(result, ["weights.safetensors", "No space left", "free some space"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk.kept.path).isEmpty, "half a file is left")
    }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func fullDiskKeepsFinishedTrials() throws {
      let disk = try SmallDisk(kilobytes: 24)
      let study =
        "study launch/studies/batch-size.yaml --quiet --set run.data.path=\(Shell.data) --set run.steps=2"
        + " --set axes.globalBatch=[64,128,256,512] --set run.evaluation.trainingSet=false --output \(disk.path)"
      let result = try disk.run("\(Shell.lockstep) \(study)")
      expectOneError(result, ["trials.jsonl", "No space left", "what was finished before is kept"])
      let stored = try StoredStudy(folder: disk.kept.path)
      #expect(!stored.records.isEmpty && stored.notices.isEmpty, "\(stored.records.count) records, \(stored.notices)")
    }
  }
}

/// A file system of a few kilobytes, which only the command run on it sees.
struct SmallDisk {
  /// Root mounts; others may, inside a user namespace of their own, where the system allows that.
  private static let unshare = geteuid() == 0 ? "unshare --mount" : "unshare --map-root-user --mount"
  static let isPossible = (try? Shell.run("\(unshare) mount -t tmpfs none /mnt").status) == 0
  static let comment: Comment = "may not mount a small file system here"

  private let folder: TemporaryFolder
  private let kilobytes: Int

  init(kilobytes: Int) throws {
    self.kilobytes = kilobytes
    folder = try TemporaryFolder()
    for name in ["disk", "kept"] {
      try FileManager.default.createDirectory(at: folder.file(name), withIntermediateDirectories: true)
    }
  }

  /// Where the command finds it.
  var path: String { folder.file("disk").path }
  /// Where the test finds what the command left on it.
  var kept: URL { folder.file("kept") }

  /// - Parameter ranks: nil without a launcher.
  func run(_ command: String, ranks: Int? = 2) throws -> Shell.Result {
    let script = """
      mount -t tmpfs -o size=\(kilobytes)k none \(path)
      (\(ranks.map(Shell.mpirun) ?? "") \(command))
      code=$?
      cp -a \(path)/. \(kept.path)
      exit $code
      """
    try script.write(to: folder.file("script"), atomically: true, encoding: .utf8)
    return try Shell.run("exec \(Self.unshare) bash \(folder.file("script").path)")
  }
}
