import Foundation

/// The outcomes of the cases.
struct Tally {
  let cases: [Case]
  let isVerbose: Bool
  private var counts: [Case.Verdict: Int] = [:]

  init(cases: [Case], isVerbose: Bool) {
    self.cases = cases
    self.isVerbose = isVerbose
  }

  /// Shows what must not be as soon as it is known.
  mutating func add(_ index: Int, _ verdict: Case.Verdict, _ message: String) {
    counts[verdict, default: 0] += 1
    guard isVerbose || ![.accepted, .refused].contains(verdict) else { return }
    let line = "\(index) \(verdict.rawValue): \(cases[index].subject.name): \(cases[index].change.name): \(message)\n"
    // Not `print`, which keeps lines back where they go to a file.
    FileHandle.standardOutput.write(Data(line.utf8))
  }

  var hasFailures: Bool { counts.contains { ![.accepted, .refused].contains($0.key) && $0.value > 0 } }

  var summary: String {
    let all = counts.values.reduce(0, +)
    return "\(all) cases: " + Case.Verdict.allCases.map { "\($0.rawValue) \(counts[$0] ?? 0)" }.joined(separator: ", ")
  }
}
