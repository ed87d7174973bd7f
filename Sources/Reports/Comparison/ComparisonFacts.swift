import Configuration
import Measurement
import Statistics
import Studies
import Training

/// Where studies come from, fact by fact beside each other.
struct ComparisonFacts {
  struct Fact {
    /// Over its row.
    var what: String
    /// One a study.
    var values: [String]
    /// For the first paragraph, in the middle of a sentence; nil where it says little by itself.
    var subject: String?

    var isSame: Bool { Set(values).count < 2 }
  }

  let all: [Fact]

  init(_ studies: [ComparedStudy]) {
    let rows = studies.map(Self.rows)
    let keys = rows.flatMap { $0.map(\.what) }.uniqued
    all = keys.map { key in
      let found = rows.map { $0.first { $0.what == key } }
      return Fact(
        what: key, values: found.map { $0?.value ?? "not set" }, subject: found.compactMap { $0?.subject }.first)
    }
  }

  var differing: [Fact] { all.filter { !$0.isSame } }

  /// A column a study.
  func differences(_ names: [String]) -> Table {
    Table([.text("What")] + names.map { .text($0) }, differing.map { [$0.what] + $0.values })
  }

  /// What all have.
  var same: Table {
    Table([.text("What"), .text("In all")], all.filter(\.isSame).map { [$0.what, $0.values.first ?? ""] })
  }

  /// Of those that differ, each once.
  var subjects: [String] {
    let keys = differing.filter { $0.subject == Self.setting }.map(\.what)
    let settings = keys.prefix(3).joined(separator: ", ") + (keys.count > 3 ? " and more" : "")
    return differing.compactMap(\.subject).uniqued.map { $0 == Self.setting ? "settings (\(settings))" : $0 }
  }

  private typealias Row = (what: String, value: String, subject: String?)
  private static let setting = "settings"

  private static func rows(_ study: ComparedStudy) -> [Row] {
    machine(study.provenance) + execution(study) + settings(study.stored.study) + when(study)
  }

  /// Several machines' facts on one line, each once.
  private static func machine(_ provenance: Provenance) -> [Row] {
    let facts = provenance.machines.map(ChapterReport.facts)
    let names = facts.first?.map { $0[0] } ?? []
    return names.indices.map { index in
      (names[index], facts.map { $0[index][1] }.uniqued.joined(separator: "; "), subject(ofMachine: names[index]))
    }
  }

  private static func subject(ofMachine fact: String) -> String {
    switch fact {
    case "Processor", "Nodes", "Cores per node", "Memory per node": "the machine"
    case "System", "Kernel", "Governor of the clock": "its system"
    case "MPI": "the MPI library"
    case "Lockstep": "the program"
    case "Environment": "the environment that steers MPI and threads"
    default: fact
    }
  }

  private static func execution(_ study: ComparedStudy) -> [Row] {
    let (runs, provenance) = (study.stored.records.map(\.run), study.provenance)
    func list<Value: Hashable & Comparable>(_ values: [Value], _ text: (Value) -> String) -> String {
      values.isEmpty ? "not known" : Set(values).sorted().map(text).joined(separator: ", ")
    }
    let lost = runs.flatMap(\.epochs).compactMap(\.ledger.lostShare).median
    let taken = runs.compactMap(\.overlap).filter { $0 != ExecutionConfiguration.Overlap.none }.map(\.rawValue)
    return [
      ("Ranks", list(runs.map(\.ranks)) { Format.integer($0) }, "the number of ranks"),
      ("Threads per rank", list(provenance.threadsPerRank) { Format.integer($0) }, "threads per rank"),
      ("Exchange beside backward", taken.isEmpty ? "none" : list(taken) { $0 }, "how gradients travel"),
      (
        "Ranks' processors", provenance.bindings.isEmpty ? "not known" : provenance.bindings.joined(separator: "; "),
        nil
      ),
      ("Taken by other programs", lost.map { "\(Format.percent($0)) of the epoch in the middle" } ?? "not known", nil),
      ("Seeds", list(provenance.seeds) { "\($0)" }, "seeds"),
    ]
  }

  private static func settings(_ study: StudyConfiguration) -> [Row] {
    if let parts = study.parts {
      return parts.flatMap { part in
        settings(part.study).map { ("parts.\(part.name).\($0.what)", $0.value, $0.subject) }
      }
    }
    var plain = study
    (plain.variants, plain.claims, plain.about) = (nil, nil, nil)
    let base = leaves(plain)
    let variants = (study.variants ?? []).flatMap { variant in
      leaves(variant.run).filter { leaf in !base.contains { $0.key == "run.\(leaf.key)" && $0.value == leaf.value } }
        .map { (key: "variants.\(variant.name).\($0.key)", value: $0.value) }
    }
    return (base + variants).map { ($0.key, $0.value, isTelling($0.key) ? setting : nil) }
  }

  private static func leaves(_ value: some Encodable) -> [(key: String, value: String)] {
    (try? ConfigurationLeaves.of(value)) ?? []
  }

  /// Axes have rows of results, and where data lie changes nothing.
  private static func isTelling(_ key: String) -> Bool {
    key.hasPrefix("run.") && !key.hasSuffix("data.path") && !key.hasSuffix("data.fallback")
  }

  private static func when(_ study: ComparedStudy) -> [Row] {
    let times = study.stored.records.map(\.run.startedAt).sorted()
    let span = [times.first, times.last].compactMap { $0 }.uniqued.joined(separator: " to ")
    return [
      ("Data", study.stored.records.map(\.run.dataset.path).uniqued.joined(separator: "; "), nil),
      ("Started", span, nil), ("Command", study.provenance.commands.joined(separator: "; "), nil),
    ]
  }
}
