import Configuration
import Foundation
import Studies
import Training

/// A run that other tools are told of, alone or as a trial of a study.
struct ExportedRun {
  var record: RunRecord
  /// nil for a run of its own.
  var trial: Trial?
  /// The study's.
  var target: StudyConfiguration.Target?

  /// When it began, in seconds since 1970, as exactly as its record knows; nil where that knows nothing.
  var began: Double? {
    record.moments?.began
      ?? (try? Date(record.startedAt, strategy: .iso8601)).map { $0.timeIntervalSince1970.rounded() }
  }
}

extension ExportedRun {
  /// The parts of its place in the study, but for its seed: part, variant and axes. Empty for a run of its own.
  var place: [String] {
    guard let trial else { return [] }
    let axes = [Axis.globalBatch, .scaling] + Axis.further + [.ranks]
    let values = axes.compactMap { axis in trial.values[axis].map { "\(axis.key)=\($0)" } }
    let settings = trial.settings?.sorted.map { "\($0.key)=\($0.value)" } ?? []
    return [trial.part, trial.values.variant, (values + settings).joined(separator: ",")].compactMap { $0 }
  }
}

/// Folders and files with names from anywhere, none of them twice.
struct ExportPaths {
  private var taken: Set<String> = []

  /// Each part is a name of its own; where the path is taken already, the last gets a number.
  mutating func path(_ parts: [String]) -> String {
    let path = parts.map(Self.name).joined(separator: "/")
    var unique = path
    var number = 2
    while !taken.insert(unique).inserted {
      unique = "\(path)~\(number)"
      number += 1
    }
    return unique
  }

  /// What a file system takes as one name, shown as it is.
  private static func name(_ text: String) -> String {
    var name = ""
    for scalar in text.unicodeScalars where name.utf8.count < 180 {
      let isPlain = scalar != "/" && scalar.properties.generalCategory != .control
      name.unicodeScalars.append(isPlain && !(name.isEmpty && scalar == ".") ? scalar : "_")
    }
    return name.isEmpty ? "_" : name
  }
}
