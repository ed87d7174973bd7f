import Buffers
import Configuration
import Files
import Training

/// The identity of a study: its runs, except for the keys that the axes vary. Axes, variants and parts
/// may grow, cost and target may change, and all may move to another place, while the results stay comparable.
struct StudyIdentity {
  /// Key path and value of each run, by the part and variant that it belongs to.
  private let runs: [String: [String: String]]

  init(_ study: StudyConfiguration) throws {
    var runs: [String: [String: String]] = [:]
    for (scope, run, axes, search) in Self.runs(of: study) {
      // Every trial has values of these, whatever the run says; a further axis is what the study says of its key.
      let varied = Set(Axis.own.compactMap(\.runKey) + ["microBatch"])
      let leaves = try ConfigurationLeaves.of(run).filter {
        !varied.contains($0.key) && !$0.key.hasPrefix("checkpoint")
      }
      runs[scope] = Dictionary(leaves.map { ($0.key, $0.value) }) { first, _ in first }
      for axis in axes.varied where !Axis.own.contains(axis) {
        if let key = axis.runKey { runs[scope]?[key] = "varied by axes.\(axis.key)" }
      }
      // More trials add points to those that there are; other ranges and another seed are other points.
      for range in search?.ranges ?? [] {
        runs[scope]?[range.key] =
          "searched by search.\(range.key) {\(range.scale.rawValue): [\(range.low), \(range.high)]}"
      }
      if let search { runs[scope]?["search.seed"] = "\(search.seed)" }
    }
    self.runs = runs
  }

  private static func runs(of study: StudyConfiguration, in scope: String = "")
    -> [(String, RunConfiguration, StudyConfiguration.Axes, StudySearch?)]
  {
    if let parts = study.parts { return parts.flatMap { runs(of: $0.study, in: "parts.\($0.name).") } }
    guard let variants = study.variants else { return [("\(scope)run", study.run, study.axes, study.search)] }
    return variants.map { ("\(scope)variants.\($0.name)", $0.run, study.axes, study.search) }
  }

  /// FNV-1a over the sorted keys: enough to notice another study or an edited file.
  var fingerprint: String {
    var hash = FNV1a.start
    for (scope, keys) in runs.sorted(by: { $0.key < $1.key }) {
      for (key, value) in keys.sorted(by: { $0.key < $1.key }) {
        let line = scope == "run" ? "\(key)=\(value)\n" : "\(scope).\(key)=\(value)\n"
        for byte in line.utf8 { hash = FNV1a.hash(hash, byte) }
      }
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// One phrase a difference; empty where all that both have is the same. Where data lie is not compared: what they hold is,
  /// by its checksum, when they are opened.
  func differences(from stored: StudyIdentity) -> [String] {
    runs.keys.filter { stored.runs[$0] != nil }.sorted().flatMap { scope in
      let (ours, theirs) = (runs[scope] ?? [:], stored.runs[scope] ?? [:])
      return Set(ours.keys).union(theirs.keys).sorted().compactMap { key -> String? in
        let (here, there) = (ours[key] ?? "not set", theirs[key] ?? "not set")
        let isSame = Self.compared(key, here) == Self.compared(key, there)
        return isSame ? nil : "\(scope).\(key) is \(there) there and \(here) here"
      }
    }
  }

  private static func compared(_ key: String, _ value: String) -> String {
    switch key {
    case "data.path", "data.fallback": ""
    case "data.schema": PathParts.name(of: value)
    default: value
    }
  }
}
