import Foundation
import Testing

extension CommandTests {
  /// Damaged data is found before the first step, and the error says which file it is.
  @Suite(.serialized) struct BadData {
    struct Damage: CustomTestStringConvertible, Sendable {
      let testDescription: String
      /// Done in a folder with a copy of the data.
      let command: String
      let names: [String]

      init(_ description: String, _ command: String, _ names: String...) {
        testDescription = description
        self.command = command
        self.names = names
      }
    }

    static let images = "train-images-idx3-ubyte"
    static let labels = "train-labels-idx1-ubyte"

    /// Bash that overwrites bytes of a file.
    private static func poke(_ bytes: String, at offset: Int, _ file: String) -> String {
      "printf '\(bytes)' | dd of=\(file) bs=1 seek=\(offset) conv=notrunc status=none"
    }

    static let damagedImages = [
      Damage("missing", "rm \(labels).gz", labels, "no such file"),
      Damage("a folder without data", "rm *ubyte.gz", "no data set"),
      Damage("truncated, packed", "truncate -s 1000 \(images).gz", "\(images).gz"),
      Damage("truncated", "gunzip \(images).gz && truncate -s 1000 \(images)", images, "cut short", "byte 1000"),
      Damage("wrong magic", "gunzip \(images).gz && " + poke("X", at: 0, images), images, "not an IDX file"),
      Damage("not gzip any more", poke("X", at: 0, "\(images).gz"), "\(images).gz", "not an IDX file"),
      Damage("labels in the images' place", "cp \(labels).gz \(images).gz", "\(images).gz", "labels"),
      Damage(
        "wrong checksum",
        "truncate -s -8 \(images).gz && head -c 4 /dev/zero >> \(images).gz"
          + " && printf '\\x90\\xc7\\x47\\x00' >> \(images).gz", "\(images).gz", "incorrect data check"),
      Damage(
        "a label out of range", "gunzip \(labels).gz && " + poke("\\x0c", at: 8 + 5, labels), labels,
        "label of row 5 is 12", "data.classes"),
      Damage("images and labels of different counts", "cp t10k-labels-idx1-ubyte.gz \(labels).gz", "1000", "6000"),
    ]

    @Test(arguments: damagedImages) func imagesAreFound(damage: Damage) throws {
      let folder = try TemporaryFolder()
      try check(damage, in: folder, preparation: "cp \(Shell.data)/*.gz \(folder.path) && chmod u+w \(folder.path)/*")
    }

    static let damagedNative = [
      Damage("one wrong bit", poke("\\x55", at: 2_000_001, "train.lockstep"), "train.lockstep", "checksum"),
      Damage("truncated", "truncate -s 600000 test.lockstep", "test.lockstep", "cut short"),
      Damage("wrong magic", poke("XXXX", at: 0, "train.lockstep"), "train.lockstep"),
      Damage("missing", "rm test.lockstep", "test.lockstep"),
    ]

    @Test(arguments: damagedNative) func convertedFilesAreFound(damage: Damage) throws {
      let folder = try TemporaryFolder()
      try check(damage, in: folder, preparation: "\(Shell.lockstep) convert \(Shell.data) \(folder.path)")
    }

    private func check(_ damage: Damage, in folder: TemporaryFolder, preparation: String) throws {
      let prepared = try Shell.run("\(preparation) && cd \(folder.path) && \(damage.command)")
      try #require(prepared.status == 0, "\(prepared.text)")
      let output = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2, "train \(BadInput.file) --set data.path=\(folder.path) --output \(output.path)")
      expectOneError(result, [folder.path] + damage.names)
      #expect(!Shell.fileExists(output.file("run.json")))
    }

    /// Files that change while a run has them mapped.
    @Test(
      arguments: [1, 2],
      ["truncate -s 60000", "truncate -s 131000", "dd if=/dev/urandom bs=1000 count=60 conv=notrunc seek=20 of="])
    func clicksThatChangeInUse(ranks: Int, damage: String) throws {
      let clicks = try ClickRun()
      let output = clicks.path("model")
      let run = try RunningCommand(
        "\(Shell.mpirun(ranks)) \(Shell.lockstep) train \(clicks.file) --set epochs=1000000 --output \(output)",
        limitInSeconds: 100)
      try #require(wait { run.output.contains("epoch 2 ") }, "no epoch")
      _ = try Shell.run("\(damage)\(damage.hasSuffix("=") ? "" : " ")\(clicks.data)/train-00000-of-00001.lockstep")
      let result = try #require(try run.finish(within: 30), "it goes on")
      expectOneError(result, ["train-00000-of-00001.lockstep: the file", "leave it alone"])
    }

    @Test(arguments: [1, 2]) func imagesThatChangeInUse(ranks: Int) throws {
      for damage in ["truncate -s 400000", "dd if=/dev/urandom bs=4096 seek=1150 count=5 conv=notrunc of="] {
        let folder = try TemporaryFolder()
        let converted = try Shell.run("\(Shell.lockstep) convert \(Shell.data) \(folder.path)/data")
        try #require(converted.status == 0, "\(converted.text)")
        let run = try RunningCommand(
          "\(Shell.mpirun(ranks)) \(Shell.lockstep) train \(BadInput.file) --set data.path=\(folder.path)/data "
            + "--set epochs=1000000 --output \(folder.path)/run", limitInSeconds: 100)
        try #require(wait { run.output.contains("epoch 1 ") }, "no epoch")
        _ = try Shell.run("\(damage)\(damage.hasSuffix("=") ? "" : " ")\(folder.path)/data/train.lockstep")
        let result = try #require(try run.finish(within: 60), "it goes on")
        expectOneError(result, ["train.lockstep: the file", "leave it alone"])
      }
    }
  }
}
