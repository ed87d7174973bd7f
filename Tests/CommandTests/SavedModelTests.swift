import Configuration
import Foundation
import Testing
import Training

extension CommandTests {
  /// A saved model is one thing: whatever of it was changed is named by whoever reads it.
  @Suite(.serialized) struct SavedModels {
    private static let small =
      "--set model.widths=[8] --set steps=3 --set globalBatch=64 --set 'optimizer={kind: adam}'"

    private static func isOfTensors(_ file: SavedFile) -> Bool { file == .weights || file == .optimizer }

    /// Where the numbers begin; 0 in other files.
    private static func numbers(of file: SavedFile, _ data: Data) -> Int {
      isOfTensors(file) ? 8 + Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }) : 0
    }

    @Test func everyChangedByteIsFound() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      #expect(try SavedModel(run.path).check().map(\.name) == SavedFile.allCases.map(\.rawValue))
      var random = SeededRandom(1)
      for file in SavedFile.allCases {
        let url = run.file(file.rawValue)
        let whole = try Data(contentsOf: url)
        for _ in 0..<150 {
          let place = Int.random(in: Self.numbers(of: file, whole)..<whole.count, using: &random)
          try Self.flip(whole, at: place, bit: Int.random(in: 0..<8, using: &random)).write(to: url)
          let words = "\(#expect(throws: (any Error).self) { try SavedModel(run.path).check() }.map { "\($0)" } ?? "")"
          #expect(words.contains("/\(file.rawValue): not what manifest.json"), "byte \(place): \(words)")
        }
        try whole.write(to: url)
      }
      _ = try SavedModel(run.path).check()
    }

    /// A header may say the same in other words, or carry other free text; what it says of tensors and of the number of
    /// updates counts.
    @Test func everyChangeOfAHeaderThatCountsIsFound() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      var random = SeededRandom(2)
      for file in [SavedFile.weights, .optimizer] {
        let url = run.file(file.rawValue)
        let whole = try Data(contentsOf: url)
        let (tensors, metadata) = (try SafeTensors.contents(of: url), try SafeTensors.metadata(of: url))
        var accepted = 0
        for _ in 0..<300 {
          let place = Int.random(in: 0..<Self.numbers(of: file, whole), using: &random)
          try Self.flip(whole, at: place, bit: Int.random(in: 0..<8, using: &random)).write(to: url)
          do {
            _ = try SavedModel(run.path).check()
            accepted += 1
            #expect(try SafeTensors.contents(of: url).elementsEqual(tensors) { $0 == $1 }, "byte \(place)")
            #expect(try SafeTensors.metadata(of: url)["updates"] == metadata["updates"], "byte \(place)")
          } catch { #expect("\(error)".contains(file.rawValue), "byte \(place): \(error)") }
        }
        print("\(file.rawValue): \(accepted) of 300 changes of the header are of free text")
        try whole.write(to: url)
      }
    }

    @Test func everyReaderNamesTheFileThatWasChanged() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      let folder = try TemporaryFolder()
      let readers: [(String, [SavedFile])] = [
        ("predict MODEL \(Shell.data) --output \(folder.path)/p.csv", [.model, .weights]),
        ("evaluate MODEL", [.run, .model, .weights]),
        ("export MODEL \(folder.path)/exported --keep-optimizer", [.model, .weights, .optimizer]),
        ("train \(smallRun) \(Self.small) --from MODEL --output \(folder.path)/next", [.model, .weights, .optimizer]),
        ("report MODEL", [.run]),
        ("inspect MODEL", SavedFile.allCases),
      ]
      for (command, files) in readers {
        let arguments = command.replacingOccurrences(of: "MODEL", with: run.path)
        for file in files {
          let url = run.file(file.rawValue)
          let whole = try Data(contentsOf: url)
          try Self.flip(whole, at: whole.count - 5, bit: 1).write(to: url)
          let result = try Shell.run("\(Shell.lockstep) \(arguments)")
          expectOneError(result, [url.path, "not what manifest.json beside it says", "again", "on purpose"])
          try whole.write(to: url)
        }
      }
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path).allSatisfy { !$0.contains(".") })
    }

    @Test func aDamagedManifestIsNamedWithTheRemedy() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      let whole = run.text(of: "manifest.json")
      let damages: [(String, String, String)] = [
        ("\"version\" : 1", "\"version\" : 2", "a manifest of version 2, and this Lockstep knows 1"),
        ("\"id\" : \"", "\"id\" : \"../", "is no id of a save"), ("run.json", "../run.json", "run.json"),
        ("run.json", "model.json", "lists a file twice"),
        ("weights.safetensors", "optimizer.safetensors", "lists a file twice"),
        ("\"bytes\" : ", "\"bytes\" : -", "must be at least 0"), ("\"files\"", "\"fils\"", "unknown key 'fils'"),
        ("{", "[", "manifest.json:"), ("\"id\"", "\"id\": \"\", \"id\"", "more than once"),
        ("\"shape\" : [\n", "\"shape\" : [\n4611686018427387904,\n", "bytes are not those of its tensors"),
      ]
      for (old, new, words) in damages {
        let range = try #require(whole.range(of: old))
        try whole.replacingCharacters(in: range, with: new).write(
          to: run.file("manifest.json"), atomically: true, encoding: .utf8)
        let error = #expect(throws: ConfigurationError.self) { try SavedModel(run.path) }
        #expect(
          error?.description.contains("manifest.json:") == true && error?.description.contains(words) == true,
          "\(words): \(error?.description ?? "")")
      }
      let result = try Shell.run("\(Shell.lockstep) evaluate \(run.path)")
      expectOneError(result, ["manifest.json", "not those of its tensors", "remove the manifest"])
    }

    /// As Python's safetensors and other writers leave it: tensors in another order, no free text.
    @Test func tensorsThatAnotherProgramSavedAnewAreTakenByAll() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      let folder = try TemporaryFolder()
      func outputs(_ name: String) throws -> [String] {
        let commands = [
          "evaluate \(run.path)", "predict \(run.path) \(Shell.data) --output \(folder.path)/\(name).csv",
          "export \(run.path) \(folder.path)/\(name) --keep-optimizer",
          "evaluate \(folder.path)/\(name) --data \(Shell.data)",
          "train \(smallRun) \(Self.small) --from \(run.path) --output \(folder.path)/\(name)-next",
        ]
        let results = try commands.map { try Shell.run("\(Shell.lockstep) \($0)") }
        for result in results { #expect(result.status == 0, "\(result.text)") }
        let next = try RunRecord.read(folder.file("\(name)-next/run.json"))
        return [results[0].output, folder.text(of: "\(name).csv"), results[3].output, next.weightsSHA256]
      }
      let before = try outputs("before")
      try TensorFile(run.file("weights.safetensors")).reversed().withoutMetadata().write()
      try TensorFile(run.file("optimizer.safetensors")).reversed().write()
      #expect(try outputs("after") == before)
      // From before there were manifests, too.
      try FileManager.default.removeItem(at: run.file("manifest.json"))
      #expect(try outputs("legacy") == before)
    }

    @Test func aTensorThatIsMissingOrOverlapsIsFoundByExport() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      let whole = try Data(contentsOf: run.file("weights.safetensors"))
      let export = "\(Shell.lockstep) export \(run.path) \(run.path)-exported"
      for isLegacy in [false, true] {
        if isLegacy { try FileManager.default.removeItem(at: run.file("manifest.json")) }
        try TensorFile(run.file("weights.safetensors")).without("dense1.bias").write()
        expectOneError(try Shell.run(export), ["weights.safetensors", "has no 'dense1.bias'"])
        try whole.write(to: run.file("weights.safetensors"))
        try TensorFile(run.file("weights.safetensors")).movingBack("dense2.bias").write()
        expectOneError(try Shell.run(export), ["weights.safetensors", "overlaps another tensor"])
        try whole.write(to: run.file("weights.safetensors"))
      }
      #expect(!Shell.fileExists(URL(fileURLWithPath: "\(run.path)-exported/model.json")))
    }

    /// Folders from before there were manifests are read as ever, and mixed ones refused.
    @Test func foldersWithoutAManifestAreRead() throws {
      let (_, run) = try train(ranks: 1, Self.small)
      let (_, other) = try train(ranks: 1, "\(Self.small) --set seed=2")
      let evaluation = try Shell.run("\(Shell.lockstep) evaluate \(run.path)").output
      try FileManager.default.removeItem(at: run.file("manifest.json"))
      for command in ["evaluate \(run.path)", "report \(run.path)", "inspect \(run.path)"] {
        let result = try Shell.run("\(Shell.lockstep) \(command)")
        #expect(
          result.status == 0 && (command.hasPrefix("evaluate") ? result.output == evaluation : true), "\(result.text)")
      }
      try Shell.run("cp \(other.path)/run.json \(run.path)")
      for command in ["evaluate", "report"] {
        let result = try Shell.run("\(Shell.lockstep) \(command) \(run.path)")
        expectOneError(result, ["run.json", "of another run than model.json", "weightsSHA256"])
      }
    }

    /// One that lies there and is not listed belongs to something else.
    @Test func anOptimizersStateOfAnotherRunIsNotTaken() throws {
      let (_, run) = try train(ranks: 1, "\(Self.small) --without-optimizer")
      let (_, other) = try train(ranks: 1, "\(Self.small) --set seed=2")
      try Shell.run("cp \(other.path)/optimizer.safetensors \(run.path)")
      let folder = try TemporaryFolder()
      let from = "train \(smallRun) \(Self.small) --from \(run.path) --output \(folder.path)"
      expectOneError(try Shell.run("\(Shell.lockstep) \(from)"), ["no optimizer.safetensors", "--fresh-optimizer"])
      // In the place of one that is listed, it is found.
      try Shell.run("cp \(run.path)/optimizer.safetensors \(other.path)/x; cp \(run.path)/*.s* \(other.path)")
    }

    @Test func anExportedModelIsEvaluatedLikeItsRun() throws {
      let (_, run) = try train(ranks: 2, Self.small)
      let exported = run.file("exported").path
      try #require(try Shell.run("\(Shell.lockstep) export \(run.path) \(exported)").status == 0)
      let wanted = try Shell.lockstep(ranks: 2, "evaluate \(run.path) --training-set").output
      let found = try Shell.lockstep(ranks: 2, "evaluate \(exported) --data \(Shell.data) --training-set")
      #expect(found.status == 0 && found.output == wanted, "\(found.text)")
      expectOneError(try Shell.lockstep(ranks: 2, "evaluate \(exported)"), [exported, "exported", "give --data"])
      expectOneError(try Shell.lockstep(ranks: 1, "evaluate \(exported) --data /nowhere"), ["/nowhere"])
      expectOneError(try Shell.run("\(Shell.lockstep) report \(exported)"), [exported, "study.json"])
    }

    @Test func anExportedModelOfClicksIsEvaluatedLikeItsRun() throws {
      let clicks = try ClickRun()
      _ = try clicks.train("model")
      try #require(
        try Shell.run("\(Shell.lockstep) export \(clicks.path("model")) \(clicks.path("exported"))").status == 0)
      let wanted = try Shell.lockstep(ranks: 2, "evaluate \(clicks.path("model"))").output
      let found = try Shell.lockstep(ranks: 2, "evaluate \(clicks.path("exported")) --data \(clicks.data)")
      #expect(found.status == 0 && found.output == wanted && wanted.contains("AUC"), "\(found.text)")
      let few = try Shell.lockstep(ranks: 1, "evaluate \(clicks.path("exported")) --data \(Shell.data)")
      expectOneError(few, ["field 1", "missing"])
    }

    private static func flip(_ data: Data, at place: Int, bit: Int) -> Data {
      var data = data
      data[place] ^= 1 << UInt8(bit)
      return data
    }
  }
}

/// A safetensors file, as other programs may write it.
struct TensorFile {
  private let url: URL
  private var metadata: [String: String]
  private var tensors: [(name: String, shape: [Int], numbers: Data)]
  private var moved: String?

  init(_ url: URL) throws {
    self.url = url
    let data = try Data(contentsOf: url)
    let start = 8 + Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    let object = try #require(try JSONSerialization.jsonObject(with: data[8..<start]) as? [String: [String: Any]])
    metadata = object["__metadata__"] as? [String: String] ?? [:]
    tensors = try object.filter { $0.key != "__metadata__" }.map { name, entry in
      let place = try #require(entry["data_offsets"] as? [Int])
      return (name, try #require(entry["shape"] as? [Int]), data[start + place[0]..<start + place[1]])
    }.sorted { $0.name < $1.name }
  }

  func reversed() -> Self { with { $0.tensors.reverse() } }
  func withoutMetadata() -> Self { with { $0.metadata = [:] } }
  func without(_ name: String) -> Self { with { $0.tensors.removeAll { $0.name == name } } }
  /// The header says that this one begins 4 bytes before the end of the one before.
  func movingBack(_ name: String) -> Self { with { $0.moved = name } }

  func write() throws {
    var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
    var numbers = Data()
    for (name, shape, data) in tensors {
      let start = numbers.count - (name == moved ? 4 : 0)
      header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, start + data.count]]
      numbers += data.dropFirst(name == moved ? 4 : 0)
    }
    let json = try JSONSerialization.data(withJSONObject: header)
    try (withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json + numbers).write(to: url)
  }

  private func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}
