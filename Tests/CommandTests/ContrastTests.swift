import Foundation
import Testing
import Training

extension CommandTests {
  /// Learning without labels, from a run file to what is left of it.
  @Suite(.serialized) struct Contrast {
    private static let run = """
      model: {kind: cnn, filters: [4], hidden: 16}
      data: {path: images, limit: 512, augmentation: {mirror: true, crop: {area: [0.4, 1]}}}
      globalBatch: 128
      epochs: 2
      optimizer: {kind: adam}
      contrastive: {head: [16, 8], neighbours: 5, references: 400}
      execution: {summation: reproducible, threads: 1}
      """

    private func folder() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      let text = Self.run.replacingOccurrences(of: "path: images", with: "path: \(Shell.package.path)/\(Shell.data)")
      try text.write(to: folder.file("run.yaml"), atomically: true, encoding: .utf8)
      return folder
    }

    @Test func aRunLeavesItsProbeAndGoesOn() throws {
      let folder = try folder()
      let records = try [1, 2].map { ranks in
        let result = try Shell.lockstep(
          ranks: ranks, "train \(folder.path)/run.yaml --output \(folder.path)/\(ranks)")
        try #require(result.status == 0, "\(result.text)")
        #expect(result.output.contains("linear probe of 400 labelled training samples: "), "\(result.text)")
        return try RunRecord.read(folder.file("\(ranks)/run.json"))
      }
      #expect(records[0].weightsSHA256 == records[1].weightsSHA256)
      #expect(records[0].probe == records[1].probe && records[0].probe?.references == 400)
      let losses = records[0].epochs.map(\.training.loss)
      // log 255 by chance.
      #expect(losses[1] < losses[0] && losses[0] < log(255), "\(losses)")
      #expect(try #require(records[0].finalValidation).accuracy > 0.4)
      let again = try Shell.lockstep(
        ranks: 1, "train \(folder.path)/run.yaml --from \(folder.path)/1 --output \(folder.path)/again --set epochs=1")
      #expect(again.status == 0, "\(again.text)")
    }

    @Test func aModelWithoutScoresIsNeitherEvaluatedNorAskedForPredictions() throws {
      let folder = try folder()
      let trained = try Shell.lockstep(
        ranks: 1, "train \(folder.path)/run.yaml --output \(folder.path)/model --set steps=1 --quiet")
      try #require(trained.status == 0, "\(trained.text)")
      for command in [
        "evaluate \(folder.path)/model",
        "predict \(folder.path)/model \(Shell.data) --output \(folder.path)/predictions",
      ] {
        let result = try Shell.lockstep(ranks: 1, command)
        #expect(result.failed && result.ownErrors.count == 1, "\(result.text)")
        #expect(result.errors.contains("gives no scores of classes"), "\(result.text)")
      }
      let other = try Shell.lockstep(
        ranks: 1,
        "train \(folder.path)/run.yaml --from \(folder.path)/model --output \(folder.path)/x --set contrastive.head=[8]"
      )
      #expect(other.errors.contains("contrastive.head is [8] here and [16, 8] there"), "\(other.text)")
    }

    @Test(arguments: [
      ("globalBatch=1", "run.yaml:6: globalBatch is 1, and a contrastive batch of one sample"),
      ("data.limit=513", "one sample of an epoch is left alone in a contrastive batch of one"),
      ("'model={kind: resnet, depth: 8}'", "resnet normalises 32 samples together (batchNorm1) and contrasts 128"),
      ("data.augmentation=null", "say how they differ with data.augmentation"),
    ])
    func badInputIsOneClearError(setting: String, words: String) throws {
      let folder = try folder()
      let result = try Shell.lockstep(
        ranks: 2, "train \(folder.path)/run.yaml --output \(folder.path)/out --set \(setting)")
      #expect(result.failed && result.ownErrors.count == 1, "\(result.text)")
      #expect(result.errors.contains(words), "\(result.text)")
    }

    @Test func inspectShowsTheHead() throws {
      let folder = try folder()
      let result = try Shell.lockstep(ranks: 1, "inspect \(folder.path)/run.yaml")
      #expect(result.status == 0 && result.output.contains("dense: {width: 8}"), "\(result.text)")
      #expect(!result.output.contains("classes") && result.output.contains("NT-Xent"), "\(result.text)")
    }
  }
}
