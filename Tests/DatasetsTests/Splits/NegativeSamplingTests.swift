import Batches
import Configuration
import Datasets
import Foundation
import Testing

@Suite struct NegativeSamplingTests {
  let folder = ScratchFolder()

  /// Every fourth of 2,000 training rows is positive; every row's age is its number.
  init() throws {
    try ClickRows().write(0..<2000, to: "\(folder.path)/data")
    try ClickRows().write(0..<400, to: "\(folder.path)/data", .test)
  }

  private func open(_ negatives: NegativesConfiguration?, validation: ValidationConfiguration? = nil, limit: Int? = nil)
    throws -> DatasetPair
  {
    var configuration = DataConfiguration(path: "\(folder.path)/data", limit: limit, validation: validation)
    configuration.negatives = negatives
    return try DatasetPair.open(configuration)
  }

  /// The numbers of the rows, by label.
  private func rows(_ dataset: any Dataset) throws -> [Int32: [Float]] {
    let read = try ClickSamples(dataset)
    return Dictionary(grouping: read.labels.indices) { read.labels[$0] }.mapValues { $0.map { read.dense[$0][0] } }
  }

  @Test func allPositivesStayAndSomeNegatives() throws {
    let pair = try open(NegativesConfiguration(keep: 0.1))
    let found = try rows(pair.training)
    let negatives = try #require(found[0])
    #expect(found[1] == (0..<2000).filter { $0 % 4 == 1 }.map(Float.init))
    #expect(100..<200 ~= negatives.count && negatives == negatives.sorted())
    #expect(pair.training.keptNegatives == Double(negatives.count) / 1500)
    #expect(pair.training.clickSchema == ClickRows.schema && pair.validation.count == 400)
    #expect(pair.validation.keptNegatives == nil)
    let notice = try #require(pair.notices.last)
    #expect(notice.hasPrefix("learning from \(negatives.count) of 1500 negatives"), "\(notice)")
    #expect(notice.contains("all 500 positives; predictions are corrected"), "\(notice)")
  }

  /// A later version that draws others would make stored runs incomparable without a word.
  @Test func choiceIsAFunctionOfSeedAndSampleAlone() throws {
    let some = try rows(open(NegativesConfiguration(keep: 0.1)).training)[0]!
    #expect(try rows(open(NegativesConfiguration(keep: 0.1, seed: 1)).training)[0] == some)
    #expect(try rows(open(NegativesConfiguration(keep: 0.1, seed: 2)).training)[0] != some)
    // A larger part holds the smaller one, and fewer rows have the same choice.
    #expect(try Set(some).isSubset(of: rows(open(NegativesConfiguration(keep: 0.3)).training)[0]!))
    #expect(try rows(open(NegativesConfiguration(keep: 0.1), limit: 1000).training)[0] == some.filter { $0 < 1000 })
    #expect(Array(some.prefix(5)) == Self.first)
  }

  private static let first: [Float] = [18, 23, 40, 78, 88]

  /// What a run is judged by is taken first, and stays whole.
  @Test func validationSetStaysWhole() throws {
    let validation = ValidationConfiguration(.count(500))
    let pair = try open(NegativesConfiguration(keep: 0.1), validation: validation)
    #expect(try ClickSamples(pair.validation) == ClickSamples(open(nil, validation: validation).validation))
    #expect(pair.training.count < 700 && pair.validation.keptNegatives == nil && pair.test?.count == 400)
  }

  @Test func nothingLeftAndOtherDataAreErrors() throws {
    #expect(
      try folder.error { try open(NegativesConfiguration(keep: 1e-9)) }.contains(
        "data.negatives.keep is 1e-09, which of 1500 training samples with label 0 leaves none"))
    var images = DataConfiguration(path: subset)
    images.negatives = NegativesConfiguration(keep: 0.5)
    let error = try folder.error { try DatasetPair.open(images) }
    #expect(error.contains("data.negatives leaves out samples with label 0"))
  }
}
