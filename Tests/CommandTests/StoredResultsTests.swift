import Foundation
import StoredFiles
import Testing
import Training

extension CommandTests {
  /// Results of earlier versions are taken up by every command that reads them.
  @Suite(.serialized) struct StoredResults {
    private func run(_ arguments: String) throws -> Shell.Result {
      try Shell.run("\(Shell.lockstep) \(arguments)")
    }

    @Test(arguments: ["mlp", "cnn", "deepfm", "logistic", "interrupted", "diverged", "study", "parts"])
    func reportsAreMade(name: String) throws {
      let folder = try TemporaryFolder()
      try StoredFiles.copy(name, to: folder.file("stored"))
      let result = try run("report \(folder.path)/stored")
      #expect(result.status == 0 && !result.output.isEmpty, "\(result.text)")
    }

    @Test(arguments: [("mlp", "native"), ("cnn", "images"), ("deepfm", "clicks"), ("logistic", "clicks")])
    func modelsAreEvaluatedPredictedWithAndExported(name: String, data: String) throws {
      let folder = try TemporaryFolder()
      try StoredFiles.copy(name, to: folder.file("stored"))
      let (model, path) = ("\(folder.path)/stored", StoredFiles.file(data).path)
      for command in [
        "evaluate \(model) --data \(path)", "predict \(model) \(path) --output \(folder.path)/predictions.csv",
        "export \(model) \(folder.path)/exported",
      ] {
        let result = try run(command)
        #expect(result.status == 0, "\(command): \(result.text)")
      }
    }

    @Test(arguments: [1, 3]) func aRunGoesOnFromChangedRows(ranks: Int) throws {
      let folder = try TemporaryFolder()
      try StoredFiles.copy("changed-rows/checkpoints", to: folder.file("checkpoints"))
      let result = try Shell.lockstep(
        ranks: ranks, "train \(StoredFiles.file("changed-rows/run.yaml").path) --resume --output \(folder.path)")
      #expect(result.status == 0 && result.output.contains("goes on after update 3, from"), "\(result.text)")
      #expect(try RunRecord.read(folder.file("run.json")).resumptions?.map(\.updates) == [3])
    }

    @Test func aPartOutsideOfItsFolderIsRefused() throws {
      let folder = try TemporaryFolder()
      try StoredFiles.copy("parts", to: folder.file("a/b/c/stored"))
      try StoredFiles.change(
        folder.file("a/b/c/stored/study.json"), "study.parts[0].name", .replaced(#""../../../x""#))
      expectOneError(
        try run("report \(folder.path)/a/b/c/stored"), ["study.json", "study.parts[0].name", "letters, digits and -"])
      #expect(
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() == [
          "a", "a/b", "a/b/c", "a/b/c/stored", "a/b/c/stored/study.json", "a/b/c/stored/trials.jsonl",
        ])
    }
  }
}
