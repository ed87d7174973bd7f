import Configuration
import Foundation
import Testing

@Suite struct ShippedFilesTests {
  @Test(arguments: ["fashion-mnist-mlp", "fashion-mnist-cnn", "mnist-mlp", "mnist-cnn"])
  func runFileLoads(name: String) throws {
    let run = try RunConfiguration.load(file: "\(repository)/launch/runs/\(name).yaml")
    if name.hasPrefix("fashion") {
      #expect(run.data.fallback == "\(repository)/launch/data/fashion-mnist-subset")
    } else {
      #expect(run.data.path == "\(repository)/launch/data/mnist")
    }
  }

  @Test(arguments: ["flights-logistic", "flights-deepfm"]) func clickRunFileLoads(name: String) throws {
    let run = try RunConfiguration.load(file: "\(repository)/launch/runs/\(name).yaml")
    #expect(run.data.path == "\(repository)/output/data/flights")
    #expect(run.tables.optimizer == .lazyAdam)
  }

  /// No file is forgotten here that is shipped there.
  @Test func everyRunFileLoads() throws {
    for file in try yamlFiles(in: "launch/runs") { _ = try RunConfiguration.load(file: file) }
    for file in try yamlFiles(in: "launch/studies") { _ = try StudyConfiguration.load(file: file) }
  }

  @Test func everySchemaFileLoads() throws {
    for file in try yamlFiles(in: "launch/data/schemas") + yamlFiles(in: "launch/data/flights") {
      let schema = try ClickSchemaFile.load(file: file)
      #expect(schema.name == URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent)
      // The columns of Criteo's format have no header to be read from.
      #expect(schema.format == .criteo || !schema.ids.isEmpty, "\(file)")
    }
  }

  private func yamlFiles(in folder: String) throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(repository)/\(folder)")
    let files = names.filter { $0.hasSuffix(".yaml") }.map { "\(repository)/\(folder)/\($0)" }
    try #require(!files.isEmpty, "no YAML files in \(folder)")
    return files.sorted()
  }

  @Test func studyFileLoads() throws {
    let study = try StudyConfiguration.load(file: "\(repository)/launch/studies/batch-size.yaml")
    #expect(study.axes.globalBatch == [64, 256, 1024, 4096])
    #expect(study.axes.scaling == [.none, .squareRoot, .linear])
    #expect(study.run.learningRate.baseBatch == 64)
  }

  @Test(arguments: ["300m-predictions", "300m-predictions-small"])
  func studyInPartsLoads(name: String) throws {
    let study = try StudyConfiguration.load(file: "\(repository)/launch/studies/\(name).yaml")
    let parts = try #require(study.parts)
    #expect(parts.contains { $0.study.calls != nil } && parts.contains { $0.study.variants != nil })
    #expect(parts.contains { $0.study.claims != nil })
  }

  @Test func referenceHasARowForEveryKeyAndNoOther() throws {
    let text = try String(contentsOfFile: "\(repository)/docs/configuration.md", encoding: .utf8)
    var documented: [String: Set<String>] = [:]
    var section: String?
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") { section = line.split(separator: "`").dropFirst().first.map(String.init) }
      guard let section, line.hasPrefix("| `") else { continue }
      documented[section, default: []].insert(String(line.split(separator: "`")[1]))
    }
    let known = Schema.sections.map { ($0.name.isEmpty ? "run" : $0.name, Set($0.keys)) }
    #expect(documented == Dictionary(uniqueKeysWithValues: known))
  }
}
