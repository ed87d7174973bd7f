import Configuration
import Foundation
import Testing

@Suite struct ContrastiveConfigurationTests {
  let folder = ScratchFolder()

  private static let run = """
    model: {kind: cnn, filters: [8], hidden: 16}
    data: {path: data, augmentation: {mirror: true}}
    globalBatch: 64
    epochs: 1
    contrastive: {}

    """

  private func load(_ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration.load(file: folder.write("run.yaml", Self.run), overrides: overrides)
  }

  @Test func anEmptySectionHasTheDefaults() throws {
    let run = try load()
    #expect(run.contrastive == ContrastiveConfiguration())
    #expect(run.views == 2)
    #expect(run.contrastive?.temperature == 0.5 && run.contrastive?.negatives == nil)
  }

  @Test func everyKeyIsRead() throws {
    let run = try load("contrastive={temperature: 0.07, head: [32, 16], negatives: 16, neighbours: 1, references: 500}")
    #expect(
      run.contrastive
        == ContrastiveConfiguration(temperature: 0.07, head: [32, 16], negatives: 16, neighbours: 1, references: 500))
  }

  @Test func withoutTheSectionLabelsAreLearnt() throws {
    let run = try load("contrastive=null")
    #expect(run.contrastive == nil && run.views == 1)
    // What was stored before there was the key stays as it was.
    let text = String(decoding: try JSONEncoder().encode(run), as: UTF8.self)
    #expect(!text.contains("contrastive") && !text.contains("normalization\":null"))
  }

  @Test(arguments: [
    (["globalBatch=1"], "a contrastive batch of one sample has nothing to compare it with"),
    (["data.augmentation=null"], "say how they differ with data.augmentation"),
    (["data.augmentation={mirror: false}"], "say how they differ with data.augmentation"),
    (["contrastive.negatives=24"], "contrastive.negatives is 24, which does not divide globalBatch, 64"),
    (["contrastive.negatives=1"], "contrastive.negatives is 1, but must be at least 2"),
    (["contrastive.head=[]"], "contrastive.head is an empty list"),
    (["contrastive.temperature=0"], "contrastive.temperature is 0, but must be more than 0"),
    (["model={kind: logistic}"], "contrastive needs a model of images"),
    (["model={kind: deepfm, widths: [4]}"], "contrastive needs a model of images"),
    (["evaluation.trainingSet=true"], "evaluation.trainingSet means nothing with contrastive"),
    (["contrastive.temprature=1"], "did you mean 'temperature'"),
  ])
  func badInputIsOneErrorWithItsPlace(overrides: [String], words: String) throws {
    let file = folder.write("run.yaml", Self.run)
    let error = try #require(throws: ConfigurationError.self) {
      try RunConfiguration.load(file: file, overrides: overrides)
    }
    #expect("\(error)".contains(words), "\(error)")
  }
}
