/// Looks for a checkpoint that can be gone on from, and at each folder once, however many refer to it.
package struct CheckpointSearch {
  private let entries: [CheckpointFolder.Entry]
  /// By folder: what is wrong with what is in it; empty where nothing is.
  private var problems: [String: String] = [:]
  private var said: Set<String> = []

  package init(_ folder: CheckpointFolder) { entries = folder.entries }

  /// - Parameter notice: gets why newer ones are left out.
  /// - Returns: the newest of which every byte is what was written, as is every byte of the full one that it refers to.
  package mutating func newest(_ notice: (String) -> Void) -> CheckpointFolder.Entry? {
    for entry in entries {
      guard let problem = problem(with: entry) else { return entry }
      // A full one may be missed by several.
      if said.insert(problem).inserted { notice("\(problem): an older checkpoint is looked for") }
    }
    return nil
  }

  private mutating func problem(with entry: CheckpointFolder.Entry) -> String? {
    if let full = entry.full {
      guard let other = entries.first(where: { $0.path == full }) else {
        return "\(full): not there, and what changed since then is of no use without it"
      }
      if let problem = ownProblem(of: other) { return problem }
      if other.ranks != entry.ranks, entry.ranks != nil { return "\(full): of other ranks than \(entry.path)" }
    }
    if let problem = ownProblem(of: entry) { return problem }
    do { try Checkpoint.requireOver(entry.path, entry.full, ranks: entry.ranks!) } catch { return "\(error)" }
    return nil
  }

  private mutating func ownProblem(of entry: CheckpointFolder.Entry) -> String? {
    if let known = problems[entry.path] { return known.isEmpty ? nil : known }
    var problem = ""
    if let ranks = entry.ranks {
      do { try Checkpoint.requireWhole(entry.path, ranks: ranks) } catch { problem = "\(error)" }
    } else {
      problem = "\(entry.path): not all ranks had written it"
    }
    problems[entry.path] = problem
    return problem.isEmpty ? nil : problem
  }
}
