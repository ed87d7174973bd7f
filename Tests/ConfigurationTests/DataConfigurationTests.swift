import Configuration
import Foundation
import Testing

/// The sections of `data`.
@Suite struct DataConfigurationTests {
  let folder = ScratchFolder()

  private func load(_ data: String) throws -> DataConfiguration {
    let text = "model: {kind: mlp, widths: [8]}\ndata: {path: /a, \(data)}\nglobalBatch: 8\nepochs: 1\n"
    return try RunConfiguration.load(file: folder.write("run.yaml", text), overrides: []).data
  }

  @Test func sectionsAreRead() throws {
    #expect(try load("limit: 3").validation == nil)
    #expect(try load("limit: 3").augmentation == nil)
    #expect(try load("validation: {fraction: 0.1}").validation == ValidationConfiguration(.fraction(0.1), seed: 1))
    #expect(try load("validation: {count: 5, seed: 9}").validation == ValidationConfiguration(.count(5), seed: 9))
    #expect(
      try load("augmentation: {shift: 4, mirror: true, crop: {area: [0.5, 1], aspect: [1, 1]}, noise: 0.1}")
        .augmentation
        == AugmentationConfiguration(shift: 4, mirror: true, crop: .init(area: [0.5, 1], aspect: [1, 1]), noise: 0.1))
    #expect(try load("augmentation: {crop: {}}").augmentation?.crop == AugmentationConfiguration.Crop())
    #expect(try load("augmentation: {mirror: false}").augmentation?.isEmpty == true)
  }

  @Test func whatIsStoredIsReadAgain() throws {
    for data in [
      "validation: {fraction: 0.25, seed: 18446744073709551615}", "validation: {count: 12}",
      "negatives: {keep: 0.125}", "negatives: {keep: 0.1, seed: 7}",
      "augmentation: {shift: 1, crop: {area: [0.2, 0.9]}}", "augmentation: {mirror: true, noise: 2.5}",
    ] {
      let read = try load(data)
      let json = try JSONEncoder().encode(read)
      let text = String(decoding: json, as: UTF8.self).replacingOccurrences(of: "\\/", with: "/")
      let inside = text.dropFirst().dropLast().replacingOccurrences(of: "\"path\":\"/a\",", with: "")
        .replacingOccurrences(of: ",\"path\":\"/a\"", with: "")
      #expect(try load(inside) == read, "\(text)")
    }
  }

  @Test(arguments: [
    ("validation: {}", "data.validation needs exactly one of fraction, count"),
    ("validation: {fraction: 0.1, count: 3}", "data.validation needs exactly one of fraction, count"),
    ("validation: {fraction: 1}", "data.validation.fraction is 1, but must be more than 0 and less than 1"),
    ("validation: {fraction: 0}", "data.validation.fraction is 0, but must be more than 0 and less than 1"),
    ("validation: {count: 0}", "data.validation.count is 0, but must be at least 1"),
    ("validation: {part: 1}", "unknown key 'part'"),
    ("validation: 0.1", "not a section with keys fraction, count, seed"),
    ("negatives: {}", "missing key 'data.negatives.keep'"),
    ("negatives: {keep: 1}", "data.negatives.keep is 1, but must be more than 0 and less than 1"),
    ("negatives: {keep: 0}", "data.negatives.keep is 0, but must be more than 0 and less than 1"),
    ("negatives: {share: 0.1}", "unknown key 'share'"),
    ("augmentation: {shift: 0}", "data.augmentation.shift is 0, but must be at least 1"),
    ("augmentation: {noise: 0}", "data.augmentation.noise is 0, but must be more than 0"),
    ("augmentation: {crop: {area: [0.5]}}", "must be the least and the greatest, such as [0.08, 1]"),
    ("augmentation: {crop: {area: [0.5, 0.1]}}", "must be the least and the greatest, such as [0.08, 1]"),
    ("augmentation: {crop: {area: [0.5, 1.5]}}", "area[1] is 1.5, but must be more than 0 and at most 1"),
    ("augmentation: {crop: {aspect: [0, 1]}}", "aspect[0] is 0, but must be from 0.01 to 100"),
    ("augmentation: {flip: true}", "unknown key 'flip'"),
  ])
  func wrongSections(data: String, problem: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try load(data) }
    #expect(error.description.contains(problem), "\(error)")
    #expect(error.description.contains("run.yaml:2"), "\(error)")
  }
}
