import Foundation
import Testing
import Training

extension CommandTests {
  /// Models written down layer by layer, in a file and with `--set`.
  @Suite(.serialized) struct LayerLists {
    private static let file = "launch/runs/fashion-mnist-mlp.yaml"

    @Test func inspectShowsTheListOfAName() throws {
      let result = try Shell.lockstep(
        ranks: 1, "inspect \(Self.file) --set data.path=\(Shell.data) --set 'model={kind: resnet, depth: 8}'")
      #expect(result.status == 0, "\(result.text)")
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines.first == "# resnet: input [28, 28, 1]")
      let first = "    - convolution: {filters: 16, kernel: 3, stride: 1, padding: 1, bias: false}"
      #expect(lines.contains("\(first)  # convolution1 → [28, 28, 16], 144 parameters"))
      #expect(
        lines.contains { $0.contains("subsample: {stride: 2, channels: 32}  # projection.subsample1 → [14, 14, 32]") })
      #expect(lines.last == "# sum: 75002 parameters; softmax cross-entropy")
    }

    /// The list that inspect shows trains, to the same weights as the name.
    @Test func aShownListIsItsName() throws {
      let folder = try TemporaryFolder()
      let file = folder.file("list.yaml").path
      let run =
        "--set data.path=\(Shell.data) --set data.limit=64 --set globalBatch=32 --set steps=2 --set execution.threads=1"
      let model = "--set 'model={kind: cnn, filters: [2, 3], hidden: 4, batchNorm: true, dropout: 0.2}'"
      let shown = try Shell.lockstep(ranks: 1, "inspect \(Self.file) --set data.path=\(Shell.data) \(model)")
      let rest = "data: {path: x}\nglobalBatch: 32\nepochs: 1\n"
      try (shown.output + "\n" + rest).write(toFile: file, atomically: true, encoding: .utf8)
      let hashes = try [(file, model), (file, "")].map { file, model in
        let output = folder.file(model.isEmpty ? "list" : "name")
        let result = try Shell.lockstep(
          ranks: 1, "train \(run) \(file) \(model) --output \(output.path) --quiet")
        try #require(result.status == 0, "\(result.text)")
        return try RunRecord.read(output.appendingPathComponent("run.json")).weightsSHA256
      }
      #expect(hashes[0] == hashes[1])
    }

    static let mistakes = [
      Mistake(
        "train LIST --output OUT", "list.yaml:8: layers: dense1: a dense layer needs a flat input, not [14, 14, 4]",
        "put a flatten layer before it"),
      Mistake("inspect LIST", "list.yaml:8: layers: dense1: a dense layer needs a flat input, not [14, 14, 4]"),
      Mistake(
        "train LIST --output OUT --set 'model={layers: [{residual: {layers: [{convolution: {filters: 4, kernel: 3}}]}}]}'",
        "--set model: layers: residual1: 'layers' gives [28, 28, 4] and 'input' gives [28, 28, 1]", "'projection'"),
      Mistake(
        "train LIST --output OUT --set 'model={layers: [flatten, {dense: {width: 7}}]}'",
        "--set model: layers: the last layer gives [7], and these data need [10]", "classes"),
      Mistake("train LIST --output OUT --set 'model={layers: [flaten]}'", "model.layers[0]", "did you mean 'flatten'"),
      Mistake("inspect output --set epochs=2", "--set means nothing without a run file"),
    ]

    @Test(arguments: mistakes) func misfitsAreOneClearError(mistake: Mistake) throws {
      let folder = try TemporaryFolder()
      let list = folder.file("list.yaml")
      let text = """
        data: {path: \(Shell.package.path)/\(Shell.data)}
        globalBatch: 32
        epochs: 1
        model:
          layers:
            # The next one halves the image.
            - convolution: {filters: 4, kernel: 3, stride: 2}
            - dense: {width: classes}
        """
      try text.write(to: list, atomically: true, encoding: .utf8)
      let arguments = mistake.arguments.replacingOccurrences(of: "LIST", with: list.path)
        .replacingOccurrences(of: "OUT", with: folder.file("out").path)
      expectOneError(try Shell.lockstep(ranks: mistake.arguments.hasPrefix("train") ? 2 : 1, arguments), mistake.names)
    }
  }
}
