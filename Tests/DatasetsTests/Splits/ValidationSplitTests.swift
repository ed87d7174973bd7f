import Batches
import Configuration
import Datasets
import Foundation
import Testing

@Suite struct ValidationSplitTests {
  let folder = ScratchFolder()

  private func open(_ validation: ValidationConfiguration?, path: String = subset, limit: Int? = nil) throws
    -> DatasetPair
  {
    try DatasetPair.open(DataConfiguration(path: path, limit: limit, validation: validation))
  }

  /// The numbers that tell samples of the bundled set apart.
  private func samples(_ dataset: any Dataset) throws -> [[Float]] {
    let read = try ReadSamples(dataset)
    let size = dataset.inputShape.count
    return (0..<dataset.count).map { Array(read.inputs[$0 * size..<(($0 + 1) * size)]) + [Float(read.labels[$0])] }
  }

  @Test(arguments: [ValidationConfiguration(.count(100)), ValidationConfiguration(.fraction(0.1), seed: 9)])
  func partsAreTheWhole(validation: ValidationConfiguration) throws {
    let whole = try open(nil, limit: 1000)
    let parts = try open(validation, limit: 1000)
    #expect(whole.evaluatedOn == .test && whole.test == nil)
    #expect(parts.evaluatedOn == .validation)
    #expect(parts.training.count == 900 && parts.validation.count == 100 && parts.test?.count == 1000)
    let all = try samples(whole.training)
    let (training, held) = (try samples(parts.training), try samples(parts.validation))
    #expect(
      Dictionary(grouping: training + held) { $0 }.mapValues(\.count)
        == Dictionary(grouping: all) { $0 }.mapValues(\.count))
    #expect(Set(held).isDisjoint(with: Set(training)), "a sample in both")
    // Drawn, not cut off: near the end of the file there are some of both.
    #expect(Set(held).intersection(all.suffix(500)).count > 20 && Set(held).intersection(all.prefix(500)).count > 20)
    #expect(try ReadSamples(try #require(parts.test)) == ReadSamples(whole.validation))
  }

  @Test func seedSaysWhichSamples() throws {
    let held = { (validation: ValidationConfiguration) in
      try ReadSamples(try open(validation, limit: 500).validation).labels
    }
    let usual = try held(ValidationConfiguration(.count(50)))
    #expect(try held(ValidationConfiguration(.fraction(0.1), seed: 1)) == usual)
    #expect(try held(ValidationConfiguration(.count(50), seed: 2)) != usual)
  }

  @Test func splitIsPinned() throws {
    // A later version that draws others would make stored studies incomparable without a word.
    let order = Permutation(count: 1000, seed: 1, epoch: 0, purpose: .split)
    #expect((990..<1000).map { order[$0] } == [664, 490, 611, 915, 39, 55, 659, 977, 558, 701])
    #expect(order[0] != Permutation(count: 1000, seed: 1, epoch: 0)[0])
  }

  @Test func noneAndAllAreErrors() throws {
    let error = { (size: ValidationConfiguration.Size) in
      try folder.error { try open(ValidationConfiguration(size), limit: 200) }
    }
    #expect(
      try error(.count(200))
        == "data.validation.count is 200, but there are only 200 training samples, and some must be left to learn from")
    #expect(try error(.count(201)).hasPrefix("data.validation.count is 201, but there are only 200 training samples"))
    #expect(
      try error(.fraction(0.001))
        == "data.validation.fraction is 0.001, which of 200 training samples is none: take more")
    #expect(try error(.fraction(0.999)).hasPrefix("data.validation.fraction is 0.999, but there are only 200"))
    #expect(try open(ValidationConfiguration(.count(199)), limit: 200).training.count == 1)
  }

  @Test func clicksHaveOneToo() throws {
    let rows = ClickRows()
    try rows.write(0..<100, to: folder.path)
    try rows.write(0..<30, to: folder.path, .test)
    let pair = try DatasetPair.open(
      DataConfiguration(path: folder.path, validation: ValidationConfiguration(.count(20))))
    #expect(pair.training.count == 80 && pair.validation.count == 20 && pair.test?.count == 30)
    #expect(pair.training.idFields == pair.validation.idFields && pair.training.clickSchema != nil)
    let seen =
      try (0..<80).map { try ClickBatch(pair.training, [$0]) } + (0..<20).map { try ClickBatch(pair.validation, [$0]) }
    for row in 0..<100 { #expect(seen.filter { $0 == ClickBatch(rows, [row]) }.count == 1, "row \(row)") }
    #expect(
      try folder.error {
        try DatasetPair.open(
          DataConfiguration(
            path: folder.path, evaluateOn: .validation, validation: ValidationConfiguration(.count(20))))
      }.hasPrefix("data.evaluateOn asks for the data's own validation split, and data.validation for one"))
  }

  @Test func imagesWithoutAValidationSetSaySo() throws {
    let pair = try DatasetPair.open(DataConfiguration(path: subset, evaluateOn: .validation))
    #expect(pair.evaluatedOn == .test)
    #expect(
      pair.notices.first?.hasSuffix("has no validation split, which data.evaluateOn asks for: evaluating on test")
        == true)
  }
}
