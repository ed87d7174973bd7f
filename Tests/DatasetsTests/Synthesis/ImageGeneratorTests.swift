import Configuration
import Datasets
import Foundation
import Testing

@Suite struct ImageGeneratorTests {
  let folder = ScratchFolder()

  private func make(_ generator: ImageGenerator) throws -> DatasetPair {
    _ = try generator.write(to: folder.path)
    return try DatasetPair.open(DataConfiguration(path: folder.path))
  }

  @Test func theSameDescriptionMakesTheSameBytes() throws {
    let generator = ImageGenerator(samples: 40, testSamples: 10, seed: 3)
    _ = try make(generator)
    let before = ["train", "test"].map { folder.read("\($0).lockstep") }
    _ = try make(generator)
    #expect(["train", "test"].map { folder.read("\($0).lockstep") } == before)
    _ = try make(ImageGenerator(samples: 40, testSamples: 10, seed: 4))
    #expect(folder.read("train.lockstep") != before[0])
  }

  /// The nearest class mean tells more classes than chance, on samples that it has not seen.
  @Test func classesCanBeLearnt() throws {
    let pair = try make(ImageGenerator(samples: 400, testSamples: 100, classes: 4, signal: 0.5, shift: 1))
    let (train, test) = (try ReadSamples(pair.training), try ReadSamples(pair.validation))
    let size = 3072
    var means = [[Float]](repeating: [Float](repeating: 0, count: size), count: 4)
    for (row, label) in train.labels.enumerated() {
      for place in 0..<size { means[Int(label)][place] += train.inputs[row * size + place] / 100 }
    }
    func distance(_ mean: [Float], _ row: Int) -> Float {
      var sum: Float = 0
      for place in 0..<size {
        let difference = mean[place] - test.inputs[row * size + place]
        sum += difference * difference
      }
      return sum
    }
    let right = test.labels.indices.filter { row in
      let distances = means.map { distance($0, row) }
      return distances.firstIndex(of: distances.min()!) == Int(test.labels[row])
    }
    #expect(right.count > 60, "\(right.count) of 100")
  }
}
