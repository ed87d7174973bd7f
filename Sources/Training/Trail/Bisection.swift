import Configuration
import Files

/// Two saved runs of the same experiment, and the first place at which they differ.
public struct Bisection {
  private let runs: [Run]
  private let comparison: TrailComparison

  private struct Run {
    /// "A" or "B".
    var name: String
    var path: String
    var record: RunRecord
  }

  /// - Parameters:
  ///   - a: an output folder of `lockstep train --trail`.
  ///   - b: another one.
  /// - Throws: where they are not runs of one experiment, or have no trails that can be compared.
  public init(_ a: String, _ b: String) throws {
    runs = try zip(["A", "B"], [a, b]).map { name, path in
      Run(name: name, path: path, record: try SavedModel(path).record())
    }
    try Self.requireSameExperiment(runs)
    let trails = try runs.map(Self.trail)
    comparison = try TrailComparison(trails[0], trails[1])
  }

  private static func requireSameExperiment(_ runs: [Run]) throws {
    let (a, b) = (runs[0], runs[1])
    let differences = try CheckpointText.differences(b.record.configuration, from: a.record.configuration)
    guard differences.isEmpty else {
      throw TrailError(
        "\(a.path) (there) and \(b.path) (here) are not of the same experiment: \(differences.joined(separator: "; "))")
    }
    guard a.record.dataset.checksum == b.record.dataset.checksum else {
      throw TrailError(
        "\(a.path) learned from other data (checksum \(a.record.dataset.checksum ?? "none")) than \(b.path) (\(b.record.dataset.checksum ?? "none"))"
      )
    }
  }

  private static func trail(of run: Run) throws -> TrailFile {
    let path = "\(try SavedModel(run.path).path)/\(TrailWriter.name)"
    guard InputFile.kind(of: path) != .absent else {
      throw TrailError(
        "\(run.path) has no trail (\(TrailWriter.name)): make the run again, into another folder, with --trail: it was "
          + "\(run.record.command)")
    }
    let trail = try TrailFile(path)
    guard trail.mark == run.record.trailMark else {
      throw TrailError(
        "\(path): of another run than run.json beside it: make the run again, into another folder, with --trail")
    }
    return trail
  }

  /// Whether the two are equal in every step that both have, and in what they end with where they end at the same.
  public var isSame: Bool { comparison.difference == nil && comparison.equal != nil && !endsApart }

  /// Equal on the way, and not in the end.
  private var endsApart: Bool {
    let (a, b) = (runs[0].record, runs[1].record)
    return a.updates == b.updates && a.weightsSHA256 != b.weightsSHA256
  }

  /// Lines for people.
  public var words: String { (runs.map(Self.heading) + findings).joined(separator: "\n") }

  private static func heading(_ run: Run) -> String {
    let record = run.record
    return
      "\(run.name): \(run.path), \(count(record.ranks, "rank")), \(count(record.updates, "update")), \(record.outcome.word), weights "
      + "\(record.weightsSHA256.prefix(12))…"
  }

  private static func count(_ count: Int, _ thing: String) -> String { "\(count) \(thing)\(count == 1 ? "" : "s")" }

  private var findings: [String] {
    let equal = comparison.equal.map { "updates \($0.lowerBound) to \($0.upperBound)" }
    if let difference = comparison.difference {
      return [
        equal.map { "equal to the bit: \($0)" } ?? "no update is equal",
        difference.words(isAlone),
      ] + difference.furtherWords(isAlone) + reasons
    }
    guard let equal else { return ["no update is in both trails: each begins where its run went on from a checkpoint"] }
    let all =
      "equal to the bit: \(equal), all that both trails have: samples, layers' outputs, gradients, weights, optimisers' state"
    guard endsApart else { return [all] }
    return [
      all,
      "and yet their final weights are not: they differed before the first of these, from a checkpoint on, or what was saved changed "
        + "after the last",
    ]
  }

  private var reasons: [String] {
    let reasons = Reproduction.reasons(runs[0].record, runs[1].record, in: "in A", "in B")
    return reasons.isEmpty
      ? [
        "processor, build, threads and libraries are the same: a third run with --trail tells which of the two is right"
      ]
      : reasons.map { "it may be why: \($0)" }
  }

  /// Whether microbatches' gradients are each one's own.
  private var isAlone: Bool { runs[0].record.configuration.accumulation.isAlone }
}

extension TrailDifference {
  /// One line for people.
  ///
  /// - Parameter isAlone: whether microbatches' gradients are each one's own.
  package func words(_ isAlone: Bool) -> String {
    "first difference: update \(update) (epoch \(epoch)): \(place(isAlone))"
  }

  private func place(_ isAlone: Bool) -> String {
    switch place {
    case .changed(let holder, let arrays):
      return
        "\(Self.words(holder)): \(Self.list(arrays)) changed since the update before, while nothing wrote to it: memory or processor of "
        + "that rank's host are at fault"
    case .microbatch(let number, let ranks, let stage):
      return
        "microbatch \(number + 1) of \(microbatches.count), by rank \(ranks[0]) of A and rank \(ranks[1]) of B: \(Self.words(stage, isAlone))"
    case .gradient(let array, let holders):
      return
        "the mean gradient of \(array)\(Self.words(holders)): every microbatch's gradient is the same, so the sum over them or its "
        + "way between ranks is at fault"
    case .state(let array, let holders):
      return "\(array) after the update\(Self.words(holders)): the mean gradient is the same, so the update is at fault"
    }
  }

  private static func words(_ stage: Stage, _ isAlone: Bool) -> String {
    switch stage {
    case .samples: return "its samples, as they were read"
    case .output(let layer):
      return "the output of \(layer), in the forward pass; its samples, and what layers before it put out, are the same"
    case .loss: return "its loss; its samples and the outputs of all layers are the same"
    case .gradient(let array):
      let what = isAlone ? "the gradient of \(array)" : "the sum of its rank's gradients of \(array) up to it"
      return "\(what), in the backward pass; its loss and the gradients of all layers behind are the same"
    }
  }

  private static func words(_ holder: Holder) -> String { "rank \(holder.rank) of \(holder.run == 0 ? "A" : "B")" }

  private static func words(_ holders: [Holder]) -> String {
    holders.isEmpty ? "" : " on \(holders.map(words).joined(separator: ", "))"
  }

  private static func list(_ names: [String]) -> String {
    names.count > 3 ? "\(names[0]) and \(names.count - 1) other arrays" : names.joined(separator: ", ")
  }

  /// What else differs in that step.
  fileprivate func furtherWords(_ isAlone: Bool) -> [String] {
    let (differing, count) = microbatches
    guard differing.count > 1 || isChange, !differing.isEmpty else { return [] }
    let numbers = differing.prefix(8).map { "\($0 + 1)" }.joined(separator: ", ") + (differing.count > 8 ? ", …" : "")
    return ["of that update's \(count) microbatches \(differing.count) differ: \(numbers)"]
  }

  private var isChange: Bool {
    if case .changed = place { true } else { false }
  }
}
