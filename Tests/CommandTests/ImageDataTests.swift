import Foundation
import StoredFiles
import Testing
import Training

extension CommandTests {
  /// Images of other forms than MNIST's, validation sets and augmentation, as a user has them.
  @Suite(.serialized) struct ImageData {
    /// A hundred small made-up images in the native form.
    private static func made(_ folder: TemporaryFolder) throws -> String {
      let result = try Shell.run(
        "\(Shell.lockstep) synthesize images \(folder.path)/data --samples 120 --test-samples 40 --classes 3 --signal 0.6"
      )
      try #require(result.status == 0, "\(result.text)")
      return "\(folder.path)/data"
    }

    private static func run(_ data: String, _ more: String, ranks: Int = 1) throws -> RunRecord {
      try train(
        ranks: ranks,
        "--set data.path=\(data) --set globalBatch=30 --set microBatch=10 --set epochs=2 --set execution.threads=1 "
          + "--set execution.summation=reproducible \(more)"
      ).record
    }

    @Test func aValidationSetIsJudgedByAndTheTestSetOnce() throws {
      let folder = try TemporaryFolder()
      let data = try Self.made(folder)
      let split = try Self.run(data, "--set data.validation.count=20")
      #expect(split.dataset.evaluatedOn == .validation && split.dataset.heldOut == "validation")
      #expect(split.dataset.trainingSamples == 100 && split.dataset.validationSamples == 20)
      #expect(split.dataset.testSamples == 40 && split.finalTest != nil)
      let plain = try Self.run(data, "")
      #expect(plain.dataset.evaluatedOn == .test && plain.dataset.testSamples == nil && plain.finalTest == nil)
      #expect(plain.dataset.trainingSamples == 120 && plain.dataset.validationSamples == 40)
      for (words, more) in [("validation loss", "--set data.validation.fraction=0.25"), ("test loss", "")] {
        let output = try TemporaryFolder()
        let result = try Shell.run(
          "\(Shell.lockstep) train \(loudRun) --set data.path=\(data) --set epochs=1 --set globalBatch=30 \(more) "
            + "--output \(output.path)")
        #expect(result.status == 0 && result.output.contains("  \(words.split(separator: " ")[0]) "), "\(result.text)")
        #expect(result.output.lowercased().contains(words), "\(result.text)")
        #expect(result.output.contains("final weights on the test set: ") == !more.isEmpty, "\(result.text)")
        let evaluated = try Shell.run("\(Shell.lockstep) evaluate \(output.path)")
        #expect(evaluated.output.hasPrefix(String(words.split(separator: " ")[0])), "\(evaluated.text)")
        #expect(evaluated.output.split(separator: "\n").count == (more.isEmpty ? 1 : 2), "\(evaluated.text)")
      }
    }

    @Test func noRankCountChangesSplitOrAugmentation() throws {
      let folder = try TemporaryFolder()
      let data = try Self.made(folder)
      let more =
        "--set data.validation.fraction=0.25 --set 'data.augmentation={shift: 3, mirror: true, crop: {area: [0.5, 1]}, noise: 0.1}'"
      let one = try Self.run(data, more)
      for ranks in 2...3 {
        let many = try Self.run(data, more, ranks: ranks)
        #expect(many.weightsSHA256 == one.weightsSHA256, "\(ranks) ranks")
        // Losses of ranks are added up in another order.
        let (test, same) = (try #require(many.finalTest), try #require(one.finalTest))
        #expect(abs(test.loss - same.loss) < 1e-6 * same.loss && test.accuracy == same.accuracy, "\(ranks) ranks")
      }
      #expect(try Self.run(data, "--set data.validation.fraction=0.25").weightsSHA256 != one.weightsSHA256)
    }

    @Test(arguments: [
      ("--set data.validation.count=0", "data.validation.count is 0, but must be at least 1"),
      ("--set data.validation.fraction=0", "data.validation.fraction is 0, but must be more than 0 and less than 1"),
      ("--set data.validation.fraction=1", "data.validation.fraction is 1, but must be more than 0 and less than 1"),
      ("--set data.validation.count=6000", "data.validation.count is 6000, but there are only 6000 training samples"),
      (
        "--set data.validation.fraction=0.00001",
        "data.validation.fraction is 1e-05, which of 6000 training samples is none"
      ),
      ("--set data.validation.seed=3", "data.validation needs exactly one of fraction, count"),
      ("--set data.augmentation.shift=28", "data.augmentation.shift is 28, but images of 28 × 28 pixels"),
      ("--set data.augmentation.crop.area=[0,1]", "area[0] is 0, but must be more than 0 and at most 1"),
    ])
    func wrongSplitsAndAugmentations(arguments: String, problem: String) throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(ranks: 2, "train \(smallRun) \(arguments) --output \(folder.path)")
      expectOneError(result, [problem])
    }

    @Test func aTruncatedPNGIsNamed() throws {
      let folder = try TemporaryFolder()
      let photos = StoredFiles.file("photos").path
      let convert = "\(Shell.lockstep) convert \(folder.path)/photos \(folder.path)/new"
      try #require(try Shell.run("cp -r \(photos) \(folder.path)/photos").status == 0)
      let whole = try Shell.run("\(convert) --size 6x8")
      #expect(whole.status == 0 && whole.output.contains("train.lockstep: 5 rows"), "\(whole.text)")
      expectOneError(try Shell.run(convert), ["larger.jpeg", "--size"])
      expectOneError(
        try Shell.run(
          "\(Shell.lockstep) train \(smallRun) --set data.path=\(folder.path)/photos --output \(folder.path)/run"),
        ["convert it first with lockstep convert"])
      try #require(try Shell.run("truncate -s 60 \(folder.path)/photos/train/cat/colour.png").status == 0)
      expectOneError(
        try Shell.run("\(convert) --size 6x8"), ["train/cat/colour.png: the PNG file is damaged or cut short"])
      expectOneError(try Shell.run("\(convert) --size 6"), ["'6' is no size"])
    }

    @Test func aCIFARFileOfAWrongLengthIsNamed() throws {
      let folder = try TemporaryFolder()
      let files = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin"]
      try #require(
        try Shell.run(
          "cd \(folder.path) && for f in \(files.joined(separator: " ")); do head -c 30730 /dev/zero > $f; done"
        )
        .status == 0)
      let record = try Self.run(folder.path, "--set steps=1")
      #expect(record.dataset.trainingSamples == 50 && record.dataset.inputShape.dimensions == [32, 32, 3])
      try #require(try Shell.run("truncate -s 30000 \(folder.path)/data_batch_4.bin").status == 0)
      for command in [
        "train \(smallRun) --set data.path=\(folder.path) --output \(folder.path)/run", "inspect \(folder.path)",
        "convert \(folder.path) \(folder.path)/new",
      ] {
        expectOneError(
          try Shell.run("\(Shell.lockstep) \(command)"),
          ["data_batch_4.bin: 30000 bytes, which is not a multiple of 3073"])
      }
    }
  }
}
