import Configuration
import Foundation
import Testing

/// An axis beside those of every study, as `momentum`: read as strictly as the key that it varies.
@Suite struct AxisTests {
  private static let study = """
    name: momenta
    run:
      model: {kind: mlp, widths: [8]}
      data: {path: somewhere}
      epochs: 1
    axes: {globalBatch: [64]}
    cost: {pricePerNodeHour: 1, ranksPerNode: 1}
    """

  private func load(_ overrides: String...) throws -> StudyConfiguration {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("axes-\(UUID().uuidString).yaml").path
    try Self.study.write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    return try StudyConfiguration.load(file: file, overrides: overrides)
  }

  @Test func valuesAreReadAndSetInTheRun() throws {
    let study = try load("axes.momentum=[0, 0.5]")
    #expect(study.axes[.momentum] == [.number(0), .number(0.5)])
    #expect(study.axes.varied == [.globalBatch, .scaling, .seed, .ranks, .momentum])
    var place = AxisValues()
    place[.momentum] = .number(0.5)
    #expect(study.run(at: place, largestRankCount: 1).optimizer.momentum == 0.5)
    let wires = try load("axes.exchangePrecision=[float32, bfloat16]")
    place[.exchangePrecision] = .word("bfloat16")
    #expect(wires.run(at: place, largestRankCount: 1).exchangePrecision == .bfloat16)
    let precisions = try load("axes.precision=[float32, bfloat16]")
    place[.precision] = .word("bfloat16")
    #expect(precisions.run(at: place, largestRankCount: 1).precision == .bfloat16)
    place[.precision] = .word("float32")
    #expect(precisions.run(at: place, largestRankCount: 1).precision == nil)
    place[.exchangePrecision] = .word("float32")
    #expect(wires.run(at: place, largestRankCount: 1).exchangePrecision == nil)
    #expect(try load().axes[.momentum] == nil && load().axes.varied == Axis.own)
  }

  @Test(
    arguments: [
      (["axes.momentum=[1]"], "axes.momentum[0] is 1, but must be at least 0 and less than 1"),
      (["axes.momentum=[0.5, 0.5]"], "axes.momentum holds 0.5 twice"),
      (["axes.momentum=[]"], "axes.momentum is an empty list: give at least one value, such as [0, 0.9]"),
      (["axes.momentum=[0.5]", "run.optimizer.kind=adam"], "'run.optimizer.momentum' means nothing with"),
      (["axes.momentum=[0]", "run.optimizer.nesterov=true"], "no momentum to look ahead along"),
      (
        ["axes.momentum=[0.5]", "variants=[{name: a, set: {optimizer.momentum: 0}}]"],
        "'optimizer.momentum' cannot be set here: use 'axes.momentum'"
      ),
      (
        ["axes.momentum=[0.5]", "variants=[{name: a, set: {optimizer.kind: adam}}]"],
        "'run.optimizer.momentum' means nothing with"
      ),
    ] as [([String], String)])
  func whatMeansNothingIsRefused(overrides: [String], words: String) throws {
    let error = try #require(
      throws: ConfigurationError.self
    ) {
      switch overrides.count {
      case 1: _ = try load(overrides[0])
      default: _ = try load(overrides[0], overrides[1])
      }
    }
    #expect(error.description.contains(words), "\(error)")
  }

  @Test func aRateThatVariesIsTheTablesToo() throws {
    let text = """
      name: rates
      run:
        model: {kind: deepfm, widths: [8]}
        data: {path: somewhere}
        epochs: 1
        optimizer: {kind: adam}
        tables: {optimizer: adagrad}
      axes: {globalBatch: [64], learningRate: [0.5, 0.25]}
      cost: {pricePerNodeHour: 1, ranksPerNode: 1}
      """
    let folder = ScratchFolder()
    let study = try StudyConfiguration.load(file: folder.write("rates.yaml", text))
    var place = AxisValues()
    place[.learningRate] = .number(0.25)
    let run = study.run(at: place, largestRankCount: 1)
    #expect(run.learningRate.base == 0.25 && run.tables.baseRate == nil && run.tables.learningRate == nil)
  }

  @Test func aVariantMayVaryWhatNoAxisDoes() throws {
    let study = try load("variants=[{name: a, set: {optimizer.momentum: 0}}]")
    #expect(study.variants?.first?.run.optimizer.momentum == 0)
  }

  @Test func keysOfAxesAreThoseOfTheSchema() {
    #expect(Schema.sections.first { $0.name == "axes" }?.keys == Axis.allCases.map(\.key))
    #expect(Axis.allCases.filter { $0 != .localBatch } == Axis.own + Axis.further && Axis(rawValue: "variant") == nil)
    for axis in Axis.allCases { #expect(Axis(rawValue: axis.key) == axis && !axis.title.isEmpty) }
  }

  @Test func productsOfAllAxesCountAsTrials() throws {
    let many = "[" + (0..<1200).map { "\($0)" }.joined(separator: ", ") + "]"
    let momenta = "[" + (0..<900).map { "0.\(1000 + $0)" }.joined(separator: ", ") + "]"
    let error = #expect(throws: ConfigurationError.self) {
      _ = try load("axes.seed=\(many)", "axes.momentum=\(momenta)")
    }
    #expect(error?.description.contains("more than 1000000 trials") == true)
  }
}
