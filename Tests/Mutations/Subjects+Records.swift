import Configuration
import Datasets
import Foundation
import Interconnect
import Reports
import StoredFiles
import Studies
import Training

/// Records and models: JSON beside weights.
extension Subject {
  static var records: [Subject] {
    ["mlp", "deepfm", "diverged"].map(run) + ["mlp", "deepfm", "cnn"].map(model) + ["study", "parts"].flatMap(study)
      + [planted, weights, manifest, network]
  }

  private static func contents(_ folder: String, _ file: String) -> [UInt8] {
    [UInt8](try! Data(contentsOf: StoredFiles.file("\(folder)/\(file)")))
  }

  private static func run(_ folder: String) -> Subject {
    let contents = contents(folder, "run.json")
    return Subject(
      name: "run.json of \(folder)", folder: folder, file: "run.json",
      changes: values(of: json(contents)) + bytes(of: contents, seed: 1),
      read: { _ = RunReport(try RunRecord.read($0.appendingPathComponent("run.json"))).terminal },
      command: "report FOLDER")
  }

  private static func model(_ folder: String) -> Subject {
    let contents = contents(folder, "model.json")
    let data = folder == "deepfm" ? "clicks" : "images"
    return Subject(
      name: "model.json of \(folder)", folder: folder, file: "model.json",
      changes: values(of: json(contents)) + bytes(of: contents, seed: 2),
      read: { _ = try Predictor(SavedModel($0.path), batch: 4, memory: NodeMemory(bytes: 0x1p30, ranks: 1)) },
      command: "predict FOLDER \(StoredFiles.file(data).path) --output FOLDER/predictions.csv")
  }

  /// Both of its files; what is read becomes a report.
  private static func study(_ folder: String) -> [Subject] {
    let study = contents(folder, "study.json")
    let trials = contents(folder, "trials.jsonl")
    let lines = trials.split(separator: UInt8(ascii: "\n")).map(Array.init)
    let read = { (folder: URL) in
      let report = StudyReport(try StoredStudy(folder: folder.path))
      _ = (try report.html(), report.markdown, report.csv, try report.json(), report.terminal)
    }
    let last = lines.count - 1
    let changedLines = values(of: json(lines[last])) { line in
      Array((lines[..<last].joined(separator: [UInt8(ascii: "\n")]) + [0x0A] + Array(line.utf8) + [0x0A]))
    }
    return [
      Subject(
        name: "study.json of \(folder)", folder: folder, file: "study.json",
        changes: values(of: json(study), fingerprinted) + bytes(of: study, seed: 3), read: read,
        command: "report FOLDER"),
      Subject(
        name: "trials.jsonl of \(folder)", folder: folder, file: "trials.jsonl",
        changes: changedLines + bytes(of: trials, seed: 4), read: read, command: "report FOLDER"),
    ]
  }

  /// A study that can be read gets the fingerprint that goes with it, as whoever means harm would give it.
  private static func fingerprinted(_ text: String) -> [UInt8] {
    guard let node = try? Data(text.utf8).withUnsafeBytes({ try ConfigurationNode(json: $0, source: "study.json") }),
      let fingerprint = try? StoredStudy.fingerprint(of: node)
    else { return Array(text.utf8) }
    return Array(node.json(changing: "fingerprint", .replaced("\"\(fingerprint)\"")).utf8)
  }

  private static var planted: Subject {
    let contents = contents("synthetic", "planted.json")
    return Subject(
      name: "planted.json", folder: "synthetic", file: "planted.json",
      changes: values(of: json(contents)) + bytes(of: contents, seed: 5),
      read: { _ = try ClickPlantedQuality.read(from: $0.path) })
  }

  private static var manifest: Subject {
    let contents = contents("saved", "manifest.json")
    return Subject(
      name: "manifest.json", folder: "saved", file: "manifest.json",
      changes: values(of: json(contents)) + bytes(of: contents, seed: 7),
      read: { _ = try SavedModel($0.path).check() }, command: "inspect FOLDER")
  }

  private static var network: Subject {
    let contents = contents("network", "network.json")
    return Subject(
      name: "network.json", folder: "network", file: "network.json",
      changes: values(of: json(contents)) + bytes(of: contents, seed: 8),
      read: { folder in
        let model = try NetworkModel.read(folder.appendingPathComponent("network.json").path)
        _ = (NetworkReport(model).terminal, NetworkReport(model).markdown)
        for (ranks, nodes) in [(2, 1), (2, 2), (4, 2), (4096, 1024)] {
          // A group that is no longer there is an error of whoever asks.
          _ = try? model.seconds(of: .allReduce, bytes: 1 << 20, ranks: ranks, nodes: nodes)
        }
        _ = TuningReport(try NetworkTuning([("network", model)], sizes: 8...1 << 26)).file
      }, command: "tuning FOLDER --least-bytes 8 --output FOLDER/network.tuning")
  }

  private static var weights: Subject {
    let contents = contents("deepfm", "weights.safetensors")
    let size = (0..<8).reduce(0) { $0 | Int(contents[$1]) << (8 * $1) }
    let header = json(Array(contents[8..<8 + size]))
    let changed = values(of: header) { text in
      (0..<8).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) } + Array(text.utf8)
        + contents[(8 + size)...]
    }
    return Subject(
      name: "weights.safetensors", folder: "deepfm", file: "weights.safetensors",
      changes: changed + bytes(of: contents, seed: 6),
      read: {
        let file = $0.appendingPathComponent("weights.safetensors")
        _ = (try SafeTensors.contents(of: file), try SafeTensors.metadata(of: file))
      }, command: "evaluate FOLDER --data \(StoredFiles.file("clicks").path)")
  }
}
