import Configuration
import Training

/// What must be the same in two studies before their figures say anything beside each other.
enum Comparability {
  /// One phrase a difference; empty where data and model are the same.
  static func differences(of run: RunRecord, from reference: RunRecord) -> [String] {
    var phrases: [String] = []
    if !isSame(run.dataset, reference.dataset) {
      phrases.append("the data are \(words(reference.dataset)) there and \(words(run.dataset)) here")
    }
    if run.dataset.heldOut != reference.dataset.heldOut {
      phrases.append(
        "weights are judged by the \(reference.dataset.heldOut) set there and by the \(run.dataset.heldOut) set here")
    }
    return phrases + modelDifferences(of: run, from: reference)
  }

  /// Where both have a checksum it decides: names and places may differ.
  private static func isSame(_ a: DatasetFacts, _ b: DatasetFacts) -> Bool {
    guard
      a.trainingSamples == b.trainingSamples, a.validationSamples == b.validationSamples, a.inputShape == b.inputShape,
      a.classes == b.classes
    else { return false }
    if let ours = a.checksum, let theirs = b.checksum { return ours == theirs }
    return a.name == b.name
  }

  private static func words(_ data: DatasetFacts) -> String {
    let checksum = data.checksum.map { ", checksum \($0.prefix(12))" } ?? ""
    return
      "\(data.name) (\(data.trainingSamples) and \(data.validationSamples) samples of \(data.inputShape), \(data.classes) classes\(checksum))"
  }

  /// Key by key, and in size: what a schema or a data set adds is in no key.
  private static func modelDifferences(of run: RunRecord, from reference: RunRecord) -> [String] {
    let (ours, theirs) = (leaves(run.configuration.model), leaves(reference.configuration.model))
    let keys = Set(ours.keys).union(theirs.keys).sorted().filter { ours[$0] != theirs[$0] }
    let phrases = keys.map { "model.\($0) is \(theirs[$0] ?? "not set") there and \(ours[$0] ?? "not set") here" }
    guard phrases.isEmpty, run.model.parameters != reference.model.parameters else { return phrases }
    return ["the model has \(reference.model.parameters) parameters there and \(run.model.parameters) here"]
  }

  private static func leaves(_ model: ModelConfiguration) -> [String: String] {
    Dictionary((try? ConfigurationLeaves.of(model)) ?? []) { first, _ in first }
  }
}
