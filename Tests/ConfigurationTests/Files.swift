import Configuration
import Foundation

/// A folder of this test's own, removed with it.
final class ScratchFolder {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ text: String) -> String {
    let file = "\(path)/\(name)"
    try! text.write(toFile: file, atomically: false, encoding: .utf8)
    return file
  }
}

/// The repository's root.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

let shortRun = """
  model:
    kind: mlp
    widths: [512, 512]
  data:
    path: data
  globalBatch: 256
  epochs: 3

  """

/// The run as it comes back from what Lockstep stores of it.
func stored(_ run: RunConfiguration) throws -> RunConfiguration {
  try JSONEncoder().encode(run).withUnsafeBytes {
    try RunConfiguration(ConfigurationNode(json: $0, source: "run.json"))
  }
}
