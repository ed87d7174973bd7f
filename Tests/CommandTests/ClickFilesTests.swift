import Foundation
import Testing

extension CommandTests {
  /// Click data in the files that people have.
  @Suite(.serialized) struct ClickFiles {
    private func write(_ files: [(name: String, text: String)]) throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      for (name, text) in files { try text.write(to: folder.file(name), atomically: true, encoding: .utf8) }
      return folder
    }

    @Test func queriesAreSaidOnce() throws {
      let folder = try write([
        ("s.yaml", "{name: a, format: libsvm, dense: [2], ids: [5-9], allow: {oneClass: true}}"),
        ("d.svm", "1 qid:1 2:0.5 5:1\n0 qid:1 2:1\n1 2:3 # qid:7\n"),
      ])
      let words = "2 rows hold a 'qid:', the query of data for ranking, which is left out"
      for command in ["convert d.svm new", "inspect d.svm"] {
        let result = try Shell.run("cd \(folder.path); \(Shell.lockstep) \(command) --schema s.yaml")
        #expect(result.status == 0, "\(result.text)")
        #expect(result.output.components(separatedBy: "qid").count == 2, "\(result.text)")
        #expect(result.output.contains("note: \(words)\n"), "\(result.text)")
      }
    }

    @Test func separatorsOfTwoCharacters() throws {
      let folder = try write([
        ("s.yaml", "{name: a, format: csv, separator: '||', label: y, ids: {t: {hash: 5}, u: {hash: 5}}}"),
        ("d.txt", "y||t||u\n1||a|b||c\n0||||d\n"), ("e.yaml", "{name: a, format: csv, separator: '', label: y}"),
      ])
      let result = try Shell.run("cd \(folder.path); \(Shell.lockstep) convert d.txt new --schema s.yaml")
      #expect(result.status == 0 && result.output.contains("'a|b' → "), "\(result.text)")
      expectOneError(
        try Shell.run("cd \(folder.path); \(Shell.lockstep) convert d.txt new --schema e.yaml"),
        ["e.yaml:1: separator is empty: give what stands between two fields"])
    }

    /// A file of NumPy's.
    private static func array(_ type: String, _ shape: String, _ values: [Int32]) -> Data {
      var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
      text += String(repeating: " ", count: 117 - text.utf8.count) + "\n"
      var file = Data([0x93])
      file += Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data(text.utf8)
      for value in values { withUnsafeBytes(of: value.littleEndian) { file.append(contentsOf: $0) } }
      return file
    }

    /// From arrays to predictions, with a cross among the fields.
    @Test func arraysAndCrosses() throws {
      let rows = 400
      let labels = (0..<rows).map { Int32($0 * 7 % 5 == 0 ? 1 : 0) }
      let dense = (0..<rows).flatMap { (row: Int) -> [Int32] in [row % 9, -row].map { Int32($0) } }
      let sparse = (0..<rows).flatMap { (row: Int) -> [Int32] in [row % 5, row % 7 * 1000, row].map { Int32($0) } }
      let folder = try write([
        (
          "s.yaml",
          """
          name: days
          format: numpy
          label: labels
          dense: {dense.1-2: {standardize: true}}
          ids: {sparse.1-2: {vocabulary: 1}}
          crosses: [{columns: [sparse.1, sparse.2], hash: 100}]
          """
        ),
        (
          "run.yaml",
          """
          model: {kind: deepfm, embedding: 4, widths: [8]}
          data: {path: data}
          globalBatch: 50
          epochs: 2
          optimizer: {kind: adam}
          learningRate: {base: 0.01}
          """
        ),
      ])
      for day in 0..<2 {
        try Self.array("<i4", "\(rows),", labels).write(to: folder.file("day_\(day)_labels.npy"))
        try Self.array("<i4", "\(rows), 2", dense).write(to: folder.file("day_\(day)_dense.npy"))
        try Self.array("<u4", "\(rows), 3", sparse).write(to: folder.file("day_\(day)_sparse.npy"))
      }
      let made = try Shell.run(
        """
        cd \(folder.path) && \(Shell.lockstep) convert day_0_*.npy data --schema s.yaml --test day_1_labels.npy &&
        \(Shell.lockstep) train run.yaml --output model --quiet && rm *_labels.npy
        """)
      try #require(made.status == 0, "\(made.text)")
      #expect(made.output.contains("train: 400 rows, 80 with label 1"), "\(made.text)")
      #expect(made.output.contains("sparse.1*sparse.2") && made.output.contains("'0*0' → "), "\(made.text)")
      let converted = try predict(folder.file("model").path, folder.file("data").path, batch: 64)
      #expect(converted.count == 4 * rows && Set(converted.floats).count > 100)
      for ranks in 1...2 {
        let scored = try predict(
          folder.file("model").path, folder.file("day_1_dense.npy").path, ranks: ranks, batch: 64,
          "--schema \(folder.path)/s.yaml")
        #expect(scored == converted)
      }
      try Self.array("<i4", "\(rows - 1), 2", Array(dense.dropLast(2))).write(to: folder.file("day_1_dense.npy"))
      expectOneError(
        try Shell.lockstep(
          ranks: 2,
          "predict \(folder.path)/model \(folder.path)/day_1_dense.npy --schema \(folder.path)/s.yaml --output \(folder.path)/p.csv"
        ),
        ["day_1_dense.npy: the array ", "has 399 rows, but", "day_1_sparse.npy has 400: they do not belong together"])
    }
  }
}
