import Foundation
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
  }
}
