import Configuration
import Foundation

extension ClickSummary {
  /// Requirements on a column's texts and on the labels as a whole.
  ///
  /// - Parameters:
  ///   - file: whose `allow` says what else will do.
  ///   - learnsHere: false where vocabularies come from other data, so that these rows are not learnt from.
  /// - Throws: `DatasetError`.
  func require(_ file: ClickSchemaFile, learnsHere: Bool) throws {
    for split in splits {
      try requireKnown(split, file)
      try requireWeights(split, file)
      if !file.allow.oneClass { try requireClasses(split, file, learnsHere: learnsHere) }
    }
  }

  /// Lines about this data that a person should know.
  public var notices: [String] {
    splits.flatMap { split in
      [unknownWords(split), oneClassWords(split)].compactMap { $0 } + cutWords(split)
    } + unusedPositives + queryWords
  }

  private var queryWords: [String] {
    guard queryRows > 0 else { return [] }
    let rows = queryRows == 1 ? "1 row holds a 'qid:'" : "\(queryRows) rows hold a 'qid:'"
    return ["\(rows), the query of data for ranking, which is left out"]
  }

  private func requireKnown(_ split: Split, _ file: ClickSchemaFile) throws {
    for (field, unknown) in zip(schema.fields, split.fields) {
      guard let share = unknown.share, share > file.allow.unknown ?? 1 || (share == 1 && file.allow.unknown == nil)
      else {
        continue
      }
      let example = split.examples.first.map { example in
        let index = schema.fields.firstIndex { $0.column == field.column } ?? 0
        return ", such as '\(example.texts[1 + schema.dense.count + index])'"
      }
      throw DatasetError(
        file: file.file,
        "\(Self.percent(share)) of the \(Self.unit(unknown)) of '\(field.column)' in \(name(split)) are "
          + "unknown\(share == 1 ? example ?? "" : ""): \(remedy(field, split, share))")
    }
  }

  private func requireWeights(_ split: Split, _ file: ClickSchemaFile) throws {
    guard let weights = split.weights, weights.greatest == 0 else { return }
    throw DatasetError(
      file: file.file,
      "all weights of \(name(split)), in the column '\(schema.weight ?? "")', are 0: nothing would be learnt or judged")
  }

  private func remedy(_ field: ClickSchema.IDColumn, _ split: Split, _ share: Double) -> String {
    if case .vocabulary(let minimum, []) = field.encoding {
      return "no text stands \(minimum) times in the training split: lower its 'vocabulary', or leave the column out"
    }
    return "is it written as in the training split? If so, set 'allow: {unknown: \(Self.rounded(share))}'"
  }

  private static func rounded(_ share: Double) -> String {
    share == 1 ? "1" : String(format: "%.2f", min(share + 0.005, 1))
  }

  private func requireClasses(_ split: Split, _ file: ClickSchemaFile, learnsHere: Bool) throws {
    guard let words = oneClassWords(split) else { return }
    let isTraining = split.split == .train
    // Without a training split to compare with, these are rows to be judged, which may be few.
    guard isTraining ? learnsHere : isNoChance(split) else { return }
    throw DatasetError(
      file: file.file,
      "\(words): \(schema.label.positive == nil ? "look at that column, and if" : "is 'positive' written as in the data? If") "
        + "this is meant, set 'allow: {oneClass: true}'")
  }

  /// Whether so many rows of one class cannot be luck, with the training split's share of positives.
  private func isNoChance(_ split: Split) -> Bool {
    guard let training = self[.train], 1..<training.rows ~= training.positives else { return false }
    let share = Double(training.positives) / Double(training.rows)
    return Double(split.rows) * log(split.positives == 0 ? 1 - share : share) < log(1e-6)
  }

  private func oneClassWords(_ split: Split) -> String? {
    guard split.positives == 0 || split.positives == split.rows else { return nil }
    let rows = split.rows == 1 ? "the only label" : "all \(split.rows) labels"
    let verb = split.rows == 1 ? "is" : "are"
    var words = "\(rows) of \(name(split)) \(verb) \(split.positives == 0 ? 0 : 1)"
    if split.positives == 0, let positive = schema.label.positive {
      let found = split.labels.filter { $0.rows > 0 }.prefix(5).map { "'\($0.text)'" }.joined(separator: ", ")
      words += ", as none is \(positive.map { "'\($0)'" }.joined(separator: " or ")) (there are \(found))"
    }
    return words
  }

  /// Texts that mean 1 and stand nowhere, where others do.
  private var unusedPositives: [String] {
    guard let positive = schema.label.positive, splits.contains(where: { $0.positives > 0 }) else { return [] }
    return positive.indices.filter { index in splits.allSatisfy { $0.labels[index].rows == 0 } }
      .map { "no label is '\(positive[$0])', which the schema has among 'positive'" }
  }

  private func cutWords(_ split: Split) -> [String] {
    split.cut.map { cut in
      "'\(cut.column)' holds more than \(cut.atMost) values in \(cut.rows) of \(split.rows) rows of \(name(split)): the "
        + "first \(cut.atMost) are kept"
    }
  }

  /// The columns of a split of which training knows least, in words.
  private func unknownWords(_ split: Split) -> String? {
    let shares = zip(schema.fields, split.fields).compactMap { field, unknown in
      unknown.share.map { (field.column, $0) }
    }
    return UnknownIDs.words(shares).map { "unknown ids in \(name(split)): \($0)" }
  }

  private func name(_ split: Split) -> String { hasSplits ? "the split \(split.split.rawValue)" : "these rows" }

  private static func percent(_ share: Double) -> String { share == 1 ? "all" : String(format: "%.1f %%", 100 * share) }

  private static func unit(_ unknown: Unknown) -> String { if case .ids = unknown { "ids" } else { "texts" } }
}

/// Ids that nothing was learnt about, for people.
package enum UnknownIDs {
  private static let shown = 5

  /// - Parameter shares: by column. Nil where hardly any is unknown.
  package static func words(_ shares: [(column: String, share: Double)], from least: Double = 0.01) -> String? {
    let high = shares.filter { $0.share >= least }.sorted { $0.share > $1.share }
    guard !high.isEmpty else { return nil }
    let rest = high.count - shown
    return high.prefix(shown).map { "\($0.column) \(String(format: "%.1f %%", 100 * $0.share))" }.joined(
      separator: ", ")
      + (rest > 0 ? " and \(rest) more" : "")
  }
}
