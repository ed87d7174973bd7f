import Foundation
import Testing

extension CommandTests {
  /// Each mistake gets one clear error, from one rank, and an exit code that is not 0.
  @Suite(.serialized) struct BadInput {
    struct Mistake: CustomTestStringConvertible, Sendable {
      let arguments: String
      /// What the error must name.
      let names: [String]
      var testDescription: String { arguments }
    }

    static let file = "launch/runs/fashion-mnist-mlp.yaml"
    static let mistakes: [Mistake] = [
      Mistake(arguments: "train missing.yaml --output OUT", names: ["missing.yaml"]),
      Mistake(arguments: "train \(file) --output OUT --set globlBatch=64", names: ["globlBatch", "globalBatch"]),
      Mistake(arguments: "train \(file) --output OUT --set globalBatch=0", names: ["globalBatch"]),
      Mistake(arguments: "train \(file) --output OUT --set globalBatch=-5", names: ["globalBatch"]),
      Mistake(arguments: "train \(file) --output OUT --set globalBatch=many", names: ["globalBatch", "many"]),
      Mistake(arguments: "train \(file) --output OUT --set globalBatch=100000000", names: ["100000000"]),
      Mistake(arguments: "train \(file) --output OUT --set microBatch=0", names: ["microBatch"]),
      Mistake(
        arguments: "train \(file) --output OUT --set learningRate.base=fast", names: ["learningRate.base", "fast"]),
      Mistake(
        arguments: "train \(file) --output OUT --set data.path=/nowhere --set data.fallback=/nowhere2",
        names: ["/nowhere"]),
      Mistake(arguments: "train \(file) --output /proc/nowhere", names: ["/proc/nowhere"]),
      Mistake(arguments: "train \(file)", names: ["--output"]),
      Mistake(arguments: "train \(file) --output OUT --sett a=b", names: ["--sett"]),
      Mistake(
        arguments: "study launch/studies/batch-size.yaml --output OUT --set axes.ranks=[64]",
        names: ["axes.ranks", "64"]),
      Mistake(arguments: "study \(file) --output OUT", names: ["fashion-mnist-mlp.yaml"]),
      Mistake(arguments: "evaluate OUT", names: ["run.json"]),
    ]

    @Test(arguments: mistakes) func getsOneClearError(mistake: Mistake) throws {
      let folder = try TemporaryFolder()
      let arguments = mistake.arguments.replacingOccurrences(of: "OUT", with: folder.path)
      let result = try Shell.lockstep(ranks: 2, arguments)
      #expect(result.status != 0)
      #expect(result.ownErrors.count == 1, "\(result.errors)")
      for name in mistake.names { #expect(result.ownErrors.first?.contains(name) == true, "\(result.errors)") }
      #expect(!result.errors.contains("Fatal error") && !result.errors.contains("stack"), "\(result.errors)")
    }

    @Test func damagedDataNamesTheFile() throws {
      let source = Shell.package.appendingPathComponent("launch/data/fashion-mnist-subset")
      for damage in ["truncate -s 1000", "sed -i 's/^./X/'"] {
        let folder = try TemporaryFolder()
        try Shell.run(
          "cp -r \(source.path)/. \(folder.path) && chmod -R u+w \(folder.path) && \(damage) \(folder.path)/train-images-idx3-ubyte.gz"
        )
        let result = try Shell.lockstep(
          ranks: 2, "train \(Self.file) --set data.path=\(folder.path) --output \(folder.path)/out")
        #expect(result.status != 0)
        #expect(
          result.ownErrors.count == 1 && result.ownErrors[0].contains("train-images-idx3-ubyte.gz"), "\(result.errors)")
      }
    }

    @Test func flippedBitInConvertedDataIsFound() throws {
      let folder = try TemporaryFolder()
      try Shell.run("\(Shell.lockstep) convert launch/data/fashion-mnist-subset \(folder.path)")
      let flip = "printf '\\x55' | dd of=\(folder.path)/train.lockstep bs=1 seek=2000000 conv=notrunc"
      try Shell.run(flip)
      let result = try Shell.lockstep(
        ranks: 2, "train \(Self.file) --set data.path=\(folder.path) --output \(folder.path)/out")
      #expect(result.status != 0)
      #expect(result.ownErrors.count == 1 && result.ownErrors[0].contains("train.lockstep"), "\(result.errors)")
    }
  }
}
