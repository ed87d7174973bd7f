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
      ("a b --schema none.yaml", "none.yaml: there is no such file"), ("a b --classes 0", "--classes is 0"),
      ("a b --classes=-1", "--classes is -1"), ("a b --classes 9223372036854775807", "from 2 to 256"),
      ("a b --schema c --workers 2147483647", "from 1 to 1024"), ("a b --schema c --bad-lines=-1", "--bad-lines is -1"),
      ("a b --schema c --bad-lines 9223372036854775807", "--bad-lines is 9223372036854775807"),
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

    private static let hashed = "{name: a, format: csv, label: y, dense: [x], ids: {t: {hash: 5}}}"
    private static let learnt = "{name: a, format: csv, label: y, dense: [x], ids: {t: {vocabulary: 1}}}"

    private func write(_ schema: String, _ text: String = "y,x,t\n1,2,a\n0,4,b\n") throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      try schema.write(to: folder.file("s.yaml"), atomically: true, encoding: .utf8)
      try text.write(to: folder.file("d.csv"), atomically: true, encoding: .utf8)
      return folder
    }

    /// One pass reads from whatever can be read once, packed or not.
    @Test(arguments: [
      "cat d.csv | L convert - new", "L convert <(gzip < d.csv) new", "xz < d.csv | L convert /dev/stdin new",
      "mkfifo p && (sleep 0.3; cat d.csv > p) & sleep 0.1; L convert p new", "L convert - new < d.csv",
    ])
    func pipesInOnePass(command: String) throws {
      let folder = try write(Self.hashed)
      let command = command.replacingOccurrences(of: "L ", with: "timeout 30 \(Shell.lockstep) ") + " --schema s.yaml"
      let result = try Shell.run("cd \(folder.path); \(command)")
      #expect(result.status == 0 && result.output.contains("train: 2 rows, 1 with label 1"), "\(result.text)")
    }

    @Test(arguments: [
      ("L convert <(cat d.csv) new", "/dev/fd/", "can be read only once"),
      ("cat d.csv | L convert - new", "standard input", "once"),
      ("mkfifo p; L convert p new", "p: this is a pipe", "write what comes out of it to a file first"),
      ("L convert - new", "standard input", "device"), ("L convert /dev/zero new", "/dev/zero", "this is a device"),
      ("L convert /tmp new", "/tmp", "this is a folder"),
    ])
    func pipesInTwoPassesAreRefused(command: String, name: String, problem: String) throws {
      let folder = try write(Self.learnt)
      let command = command.replacingOccurrences(of: "L ", with: "timeout 30 \(Shell.lockstep) ") + " --schema s.yaml"
      expectOneError(try Shell.run("cd \(folder.path); \(command)"), [name, problem])
    }

    /// A thread that the system does not give is an error, and those that it gave are let go.
    @Test func moreWorkersThanThereMayBe() throws {
      let folder = try write(Self.hashed)
      let command = "cd \(folder.path); timeout 60 \(Shell.lockstep) convert d.csv new --schema s.yaml --workers 1000"
      let plenty = try Shell.run("ulimit -v 8000000; \(command)")
      #expect(plenty.status == 0, "\(plenty.text)")
      expectOneError(try Shell.run("ulimit -v 1900000; \(command)"), ["no thread for parsing text", "ulimit -v"])
    }

    /// Nobody ever writes to it.
    @Test func waitingForAPipeCanBeStopped() throws {
      let folder = try write(Self.hashed)
      let run = try RunningCommand(
        "cd \(folder.path); mkfifo p; exec \(Shell.lockstep) convert p new --schema s.yaml")
      Thread.sleep(forTimeInterval: 1)
      #expect(run.isRunning)
      run.signal(SIGTERM)
      let result = try #require(try run.finish(within: 20), "it hangs")
      #expect(result.status == 130 && result.ownErrors.count == 1, "\(result.text)")
    }

    @Test func otherCommandsRefuseThemInAWord() throws {
      let folder = try write(Self.hashed)
      let inside = "cd \(folder.path); mkfifo p train.lockstep train-images-idx3-ubyte; timeout 30 \(Shell.lockstep)"
      for (command, name) in [
        ("inspect p", "p"), ("inspect .", "train.lockstep"), ("convert . new", "train-images-idx3-ubyte"),
      ] {
        expectOneError(try Shell.run("\(inside) \(command)"), ["\(name): this is a pipe"])
        _ = try Shell.run("cd \(folder.path); rm p train.lockstep train-images-idx3-ubyte")
      }
    }

    /// Where every text is legal nothing can be malformed: it must be seen.
    @Test func whatWasMadeIsShown() throws {
      let text = "y,x,t\nyes,2,a\nno,,b\nyes,4,\u{1B}[31mred\nmaybe,4,a\n"
      let folder = try write(
        "{name: a, format: csv, label: {column: y, positive: [yes]}, dense: [x], ids: {t: {vocabulary: 1}}}", text)
      try "y,x,t\nno,2,new\nyes,7,a\n".write(to: folder.file("e.csv"), atomically: true, encoding: .utf8)
      let result = try Shell.run("cd \(folder.path); \(Shell.lockstep) convert d.csv new --test e.csv --schema s.yaml")
      #expect(result.status == 0, "\(result.text)")
      for words in [
        "note: unknown ids in the split test: t 50.0 %", "'yes' × 2", "'no' × 1, 'maybe' × 1", "50.0 %",
        "0, 2.50, 4.00, 25.0 % missing",
        "'2' → 2.00", "'' → 0", "'a' → 2", "'?[31mred' → 1", "50.0 % of rows",
      ] {
        #expect(result.output.contains(words), "no '\(words)' in \(result.text)")
      }
      #expect(!result.output.contains("\u{1B}") && !result.output.contains("\\n"), "\(result.text)")
      // Without writing anything.
      let inspected = try Shell.run("cd \(folder.path); \(Shell.lockstep) inspect d.csv --schema s.yaml")
      #expect(inspected.status == 0 && inspected.output.contains("'no' × 1, 'maybe' × 1"), "\(inspected.text)")
      #expect(inspected.output.contains("'?[31mred' → 1"), "\(inspected.text)")
      expectOneError(
        try Shell.run("cd \(folder.path); timeout 30 \(Shell.lockstep) inspect <(cat d.csv) --schema s.yaml"),
        ["this is a pipe"])
    }
  }
}
