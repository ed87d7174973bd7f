import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Testing

@Suite struct AugmentationTests {
  /// Sample n is an image of 5 × 4 pixels and 2 channels, each value of which says where it lies and whose it is.
  struct Places: Dataset {
    let name = "places"
    let count = 200
    let inputShape = Shape(5, 4, 2)
    let classes = 2
    /// One for all values, if not nil.
    var constant: Float?

    static func value(_ sample: Int, _ row: Int, _ column: Int, _ channel: Int) -> Float {
      let place: Int = 1 + channel + 10 * column + 100 * row
      return Float(place + 1000 * sample)
    }

    func image(_ sample: Int) -> [Float] {
      grid(5, 4, 2) { constant ?? Self.value(sample, $0, $1, $2) }
    }

    func read(_ samples: UnsafeBufferPointer<Int>, into batch: Batch) throws {
      for (row, sample) in samples.enumerated() {
        for (place, value) in image(sample).enumerated() { batch.inputs.pointer[row * 40 + place] = value }
        batch.labels[row] = Int32(sample % 2)
      }
    }
  }

  static let everything = AugmentationConfiguration(
    shift: 2, mirror: true, crop: AugmentationConfiguration.Crop(area: [0.3, 1]), noise: 0.5)

  private func images(
    _ configuration: AugmentationConfiguration, _ base: Places = Places(), seed: UInt64 = 1, epoch: Int = 0,
    view: Int = 0, of samples: [Int] = Array(0..<200)
  ) throws -> [[Float]] {
    let read = try ReadSamples(try base.augmented(configuration, seed: seed), samples, epoch: epoch, view: view)
    #expect(read.labels == samples.map { Int32($0 % 2) })
    return samples.indices.map { Array(read.inputs[$0 * 40..<($0 + 1) * 40]) }
  }

  @Test func offIsTheDataItself() throws {
    let base = Places()
    #expect(try base.augmented(nil, seed: 1) is Places)
    #expect(try base.augmented(AugmentationConfiguration(), seed: 1) is Places)
    #expect(try base.augmented(Self.everything, seed: 1) is AugmentedDataset)
  }

  @Test func onlySeedEpochViewAndSampleMatter() throws {
    let all = try images(Self.everything)
    #expect(try images(Self.everything) == all)
    // In another order, and each by itself, as other microbatches and ranks read them.
    #expect(try images(Self.everything, of: Array((0..<200).reversed())) == Array(all.reversed()))
    for sample in [0, 7, 199] { #expect(try images(Self.everything, of: [sample]) == [all[sample]]) }
    for other in [
      try images(Self.everything, epoch: 1), try images(Self.everything, view: 1), try images(Self.everything, seed: 2),
    ] {
      #expect(zip(all, other).filter { $0 == $1 }.isEmpty)
    }
  }

  @Test func aMirrorTurnsHalfOfTheImages() throws {
    let base = Places()
    let images = try images(AugmentationConfiguration(mirror: true))
    func turned(_ sample: Int) -> [Float] { grid(5, 4, 2) { Places.value(sample, $0, 3 - $1, $2) } }
    let count = images.indices.filter { images[$0] == turned($0) }.count
    #expect(images.indices.allSatisfy { images[$0] == base.image($0) || images[$0] == turned($0) })
    #expect(70...130 ~= count, "\(count) of 200")
  }

  /// Down and right.
  private static let moves: [[Int]] = (-2...2).flatMap { down in (-2...2).map { right in [down, right] } }

  private static func moved(_ sample: Int, down: Int, right: Int) -> [Float] {
    grid(5, 4, 2) { row, column, channel in
      let (y, x) = (row - down, column - right)
      return 0..<5 ~= y && 0..<4 ~= x ? Places.value(sample, y, x, channel) : 0
    }
  }

  @Test func aShiftFillsWithZeros() throws {
    let images = try images(AugmentationConfiguration(shift: 2))
    var seen: Set<[Int]> = []
    for (sample, image) in images.enumerated() {
      let found = Self.moves.filter { move in image == Self.moved(sample, down: move[0], right: move[1]) }
      #expect(found.count == 1, "sample \(sample)")
      seen.formUnion(found)
    }
    #expect(seen.count == 25, "every shift in both directions")
  }

  @Test func aCropShowsAPartOfTheImage() throws {
    let crop = AugmentationConfiguration(crop: AugmentationConfiguration.Crop(area: [0.2, 0.5]))
    // Whatever the part, a plain image stays plain: weights add up to one.
    for image in try images(crop, Places(constant: 3)) { #expect(image.allSatisfy { abs($0 - 3) < 1e-5 }) }
    for (sample, image) in try images(crop).enumerated() {
      // Linear values stay linear within what the filter reaches: nothing comes from outside the image.
      let range = Places.value(sample, 0, 0, 0)...Places.value(sample, 4, 3, 1)
      #expect(image.allSatisfy { range.lowerBound - 0.5...range.upperBound + 0.5 ~= $0 })
      let rows = image[38] - image[0]
      #expect(rows < 435, "sample \(sample): half of the image has no more than the whole")
    }
    let whole = AugmentationConfiguration(
      crop: AugmentationConfiguration.Crop(area: [1, 1], aspect: [0.8, 0.8]))
    #expect(try images(whole) == (0..<200).map { Places().image($0) })
  }

  @Test func noiseIsNormal() throws {
    let images = try images(AugmentationConfiguration(noise: 0.25), Places(constant: 1))
    let values: [Double] = images.joined().map { (Double($0) - 1) / 0.25 }
    let count = Double(values.count)
    let mean: Double = values.reduce(0, +) / count
    let squares: [Double] = values.map { $0 * $0 }
    let square: Double = squares.reduce(0, +) / count
    let fourth: Double = squares.map { $0 * $0 }.reduce(0, +) / count
    #expect(abs(mean) < 0.05 && abs(square - 1) < 0.06 && abs(fourth - 3) < 0.5, "\(mean) \(square) \(fourth)")
    #expect(Set(values).count > 7900)
  }

  @Test func whatCannotBeAugmentedIsAnError() throws {
    let folder = ScratchFolder()
    try ClickRows().write(0..<20, to: folder.path)
    try ClickRows().write(0..<5, to: folder.path, .test)
    let clicks = try folder.error {
      try DatasetPair.open(
        DataConfiguration(path: folder.path, augmentation: AugmentationConfiguration(mirror: true)))
    }
    #expect(clicks == "data.augmentation is for images, and small holds none: remove the key")
    let error = try #require(throws: DatasetError.self) {
      try Places().augmented(AugmentationConfiguration(shift: 4), seed: 1)
    }
    #expect(
      error.description
        == "data.augmentation.shift is 4, but images of 5 × 4 pixels leave nothing to see: make it smaller")
    #expect(throws: DatasetError.self) {
      try DatasetPair.open(DataConfiguration(path: subset, augmentation: AugmentationConfiguration(shift: 28)))
    }
  }

  /// Evaluation reads what `DatasetPair` holds, training what `augmented` makes of it.
  @Test func aPairIsNotAugmented() throws {
    let plain = try DatasetPair.open(DataConfiguration(path: subset, limit: 50))
    let pair = try DatasetPair.open(DataConfiguration(path: subset, limit: 50, augmentation: Self.everything))
    #expect(try ReadSamples(pair.training) == ReadSamples(plain.training))
    #expect(try ReadSamples(pair.validation) == ReadSamples(plain.validation))
  }
}
