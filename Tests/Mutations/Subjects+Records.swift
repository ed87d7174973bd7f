import Configuration
import Datasets
import Foundation
import Interconnect
import Measurement
import Reports
import StoredFiles
import Studies
import Training

/// Records and models: JSON beside weights.
extension Subject {
  static var records: [Subject] {
    ["mlp", "deepfm", "diverged"].map(run) + ["mlp", "deepfm", "cnn"].map(model) + ["study", "parts"].flatMap(study)
      + [planted, weights, optimizer, manifest, network, steps, checkpoint, checkpointText, trail]
      + [changedRows, changedRowNumbers]
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
    return [
      Subject(
        name: "study.json of \(folder)", folder: folder, file: "study.json",
        changes: values(of: json(study), fingerprinted) + bytes(of: study, seed: 3), read: read,
        command: "report FOLDER"),
      Subject(
        name: "trials.jsonl of \(folder)", folder: folder, file: "trials.jsonl",
        changes: lastLines(of: lines) + bytes(of: trials, seed: 4), read: read, command: "report FOLDER"),
    ]
  }

  private static func lastLines(of lines: [[UInt8]]) -> [Change] {
    let last = lines.count - 1
    return values(of: json(lines[last])) { line in
      Array((lines[..<last].joined(separator: [UInt8(ascii: "\n")]) + [0x0A] + Array(line.utf8) + [0x0A]))
    }
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

  /// What is read is looked at again, as by `lockstep what-if`.
  private static var steps: Subject {
    let contents = contents("steps", "steps.json")
    return Subject(
      name: "steps.json", folder: "steps", file: "steps.json",
      changes: values(of: json(contents)) + bytes(of: contents, seed: 8),
      read: { folder in
        let record = try RunRecord.read(folder.appendingPathComponent("run.json"))
        let whatIf = try WhatIf(RunSteps.read(folder.appendingPathComponent("steps.json")), record)
        let changes: [WhatIf.Change] = [.withoutStraggler, .networkSpeed(10), .bucketBytes(1)]
        _ = WhatIfReport(whatIf, changes, slow: record.slowRank).terminal
      })
  }

  /// Header and numbers, as a run that goes on looks at them first.
  private static var checkpoint: Subject {
    let file = "rank-0-of-1.safetensors"
    let contents = contents("checkpoint", file)
    return Subject(
      name: "a checkpoint's file", folder: "checkpoint", file: file,
      changes: headers(of: contents) + bytes(of: contents, seed: 11),
      read: { _ = try Checkpoint.text(ofFile: $0.appendingPathComponent(file).path) })
  }

  /// What is hashed, as whoever means harm would hash it.
  private static var checkpointText: Subject {
    let stored = StoredFiles.file("checkpoint/rank-0-of-1.safetensors").path
    let text = Array(try! Checkpoint.text(ofFile: stored).utf8)
    return Subject(
      name: "a checkpoint's text", folder: "checkpoint", file: "text.json",
      changes: values(of: json(text)) + bytes(of: text, seed: 12),
      read: {
        let file = $0.appendingPathComponent("text.json")
        try Checkpoint.check(text: String(decoding: try Data(contentsOf: file), as: UTF8.self), source: file.path)
      })
  }

  /// A checkpoint of changed rows with the full one that it refers to, as a run that goes on looks for them.
  private static var changedRows: Subject {
    let file = "\(StoredFiles.changedRows)/rank-0-of-1.safetensors"
    let contents = contents("changed-rows", file)
    return Subject(
      name: "a checkpoint of changed rows", folder: "changed-rows", file: file,
      changes: headers(of: contents) + bytes(of: contents, seed: 16),
      read: {
        var search = CheckpointSearch(CheckpointFolder(in: $0.path))
        _ = search.newest { _ in }
      })
  }

  /// What is hashed, as whoever means harm would hash it.
  private static var changedRowNumbers: Subject {
    let file = "\(StoredFiles.changedRows)/rank-0-of-1.safetensors"
    let contents = contents("changed-rows", file)
    return Subject(
      name: "a checkpoint's row numbers", folder: "changed-rows", file: file,
      changes: headers(of: contents) + bytes(of: contents, seed: 17),
      read: { _ = try Checkpoint.rows(ofFile: $0.appendingPathComponent(file).path, tableRows: 100) })
  }

  /// Compared with the same run's as it was.
  private static var trail: Subject {
    let contents = contents("trail", "run.trail")
    return Subject(
      name: "run.trail", folder: "trail", file: "run.trail",
      changes: TrailBytes(contents).changes(count: 300, seed: 14) + bytes(of: contents, seed: 15),
      read: { _ = try Bisection($0.path, StoredFiles.file("trail").path).words })
  }

  private static var optimizer: Subject {
    let contents = contents("saved", "optimizer.safetensors")
    return Subject(
      name: "optimizer.safetensors", folder: "saved", file: "optimizer.safetensors",
      changes: headers(of: contents) + bytes(of: contents, seed: 13), read: { _ = try SavedModel($0.path).check() },
      command: "inspect FOLDER")
  }

  /// Every change to a safetensors file's header, with its length.
  private static func headers(of contents: [UInt8]) -> [Change] {
    let size = (0..<8).reduce(0) { $0 | Int(contents[$1]) << (8 * $1) }
    return values(of: json(Array(contents[8..<8 + size]))) { text in
      (0..<8).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) } + Array(text.utf8)
        + contents[(8 + size)...]
    }
  }

  private static var weights: Subject {
    let contents = contents("deepfm", "weights.safetensors")
    return Subject(
      name: "weights.safetensors", folder: "deepfm", file: "weights.safetensors",
      changes: headers(of: contents) + bytes(of: contents, seed: 6),
      read: {
        let file = $0.appendingPathComponent("weights.safetensors")
        _ = (try SafeTensors.contents(of: file), try SafeTensors.metadata(of: file))
      }, command: "evaluate FOLDER --data \(StoredFiles.file("clicks").path)")
  }
}
