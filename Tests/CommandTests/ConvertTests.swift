import Foundation
import Testing

extension CommandTests {
  @Suite(.serialized) struct Convert {
    static let flights = "launch/data/flights/nycflights13_ids.csv.gz"
    static let schema = "launch/data/flights/flights.yaml"

    @Test func flightsInPlainLines() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run(
        "\(Shell.lockstep) convert \(Self.flights) \(folder.path)/new --schema \(Self.schema) --workers 2")
      #expect(result.status == 0, "\(result.text)")
      #expect(result.output.contains("train: 237,327 rows, 58,418 with label 1, "), "\(result.text)")
      #expect(result.output.contains("validation: 42,803 rows"), "\(result.text)")
      #expect(!result.output.contains("\u{1B}") && !result.output.contains("\r"))
    }

    @Test func pathsOfOneCharacter() throws {
      let folder = try TemporaryFolder()
      let files = [
        ("s", "{name: a, format: csv, label: y, ids: {t: {hash: 5}}}"), ("t", "y,t\n1,a\n0,b\n"),
        ("r", "model: {kind: factorizationMachine, embedding: 2}\ndata: {path: d}\nglobalBatch: 2\nepochs: 1\n"),
        ("w", "run: r\nname: x\n"),
      ]
      for (name, text) in files { try text.write(to: folder.file(name), atomically: true, encoding: .utf8) }
      let inside = "cd \(folder.path) && \(Shell.lockstep)"
      for command in [
        "convert t d --schema s --test t", "train r --output o --quiet", "predict o t --schema s --output p.bin",
      ] {
        let result = try Shell.run("\(inside) \(command)")
        #expect(result.status == 0, "\(command): \(result.text)")
      }
      #expect(Shell.fileExists(folder.file("o/weights.safetensors")))
      expectOneError(try Shell.run("\(inside) study w --output o"), ["w", "missing key"])
      try "epoch: 1".write(to: folder.file("r"), atomically: true, encoding: .utf8)
      expectOneError(try Shell.run("\(inside) study w --output o"), ["r:1: unknown key 'epoch'"])
    }

    @Test func malformedLinesAreNamed() throws {
      let folder = try TemporaryFolder()
      try "{name: a, format: csv, label: y, ids: {t: {hash: 5}}}".write(
        to: folder.file("schema.yaml"), atomically: true, encoding: .utf8)
      try "y,t\n1,a\n1\n0,b\n".write(to: folder.file("data.csv"), atomically: true, encoding: .utf8)
      let command =
        "\(Shell.lockstep) convert \(folder.path)/data.csv \(folder.path)/new --schema \(folder.path)/schema.yaml"
      let refused = try Shell.run(command)
      #expect(refused.failed && refused.ownErrors.count == 1, "\(refused.text)")
      #expect(refused.errors.contains("data.csv:3: the line has 1 field instead of 2"), "\(refused.text)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["data.csv", "schema.yaml"])
      let allowed = try Shell.run("\(command) --bad-lines 1")
      #expect(allowed.status == 0, "\(allowed.text)")
      #expect(allowed.output.contains("left out: \(folder.path)/data.csv:3: the line has 1 field"), "\(allowed.text)")
      #expect(allowed.output.contains("train: 2 rows, 1 with label 1"), "\(allowed.text)")
    }

    @Test(arguments: [
      ("data.csv", "give at least one source, and then the target folder"),
      ("a b c", "click data needs --schema"), ("a b --bad-lines 3", "click data needs --schema"),
      ("a b --schema c --classes 3", "--classes is for images"), ("a b --schema c --workers 0", "--workers is 0"),
      ("a b --schema none.yaml", "none.yaml: there is no such file"),
    ])
    func wrongFlags(arguments: String, problem: String) throws {
      let result = try Shell.run("\(Shell.lockstep) convert \(arguments)")
      #expect(result.failed && result.errors.contains(problem), "\(result.text)")
    }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func fullDiskLeavesNothing() throws {
      let disk = try SmallDisk(kilobytes: 4096)
      let result = try disk.run(
        "\(Shell.lockstep) convert \(Self.flights) \(disk.path)/new --schema \(Self.schema)", ranks: nil)
      expectOneError(result, ["train", "No space left", "free some space"])
      let left = FileManager.default.enumerator(atPath: disk.kept.path)?.compactMap { $0 as? String } ?? []
      #expect(!left.contains { $0.contains("lockstep") }, "half a file is left: \(left)")
    }
  }
}
