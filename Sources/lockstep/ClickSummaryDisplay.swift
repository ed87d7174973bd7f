import Datasets
import Foundation
import Reports

/// Click data as they were understood from text, in tables: for a person to look over.
enum ClickSummaryDisplay {
  static func text(_ summary: ClickSummary) -> String {
    let tables = [splits(summary), weights(summary), dense(summary), fields(summary)].compactMap { $0 }
    let parts = summary.notices.map { "note: \($0)" } + tables.map { "\n" + $0.trimmingCharacters(in: .newlines) }
    return parts.joined(separator: "\n")
  }

  private static func splits(_ summary: ClickSummary) -> String? {
    let rows = summary.splits.map { split in
      [
        split.split.rawValue, Format.integer(split.rows), Format.percent(Double(split.positives) / Double(split.rows)),
        labels(split),
      ]
    }
    let hasTexts = summary.splits.contains { !$0.labels.isEmpty }
    let headings: [Table.Heading] = [
      .text("split"), .number("samples"), .number("label 1"), .text("'\(summary.schema.label.column)' is"),
    ]
    return Table(hasTexts ? headings : headings.dropLast(), hasTexts ? rows : rows.map { $0.dropLast() }).terminal
  }

  /// Texts that stand for 1, and texts that stand for 0.
  private static func labels(_ split: ClickSummary.Split) -> String {
    let positive = summaryOf(split.labels.prefix(split.positiveTexts))
    let negative = summaryOf(split.labels.dropFirst(split.positiveTexts))
    return "1: \(positive)  0: \(negative)\(split.otherLabels > 0 ? " and others" : "")"
  }

  private static func summaryOf(_ texts: ArraySlice<(text: String, rows: Int)>) -> String {
    texts.map { "'\($0.text)' × \(Format.integer($0.rows))" }.joined(separator: ", ")
  }

  private static func dense(_ summary: ClickSummary) -> String? {
    guard !summary.schema.dense.isEmpty else { return nil }
    let rows = summary.schema.dense.indices.map { index in
      [summary.schema.dense[index].column] + summary.splits.map { range($0.dense[index]) }
        + summary.shown.map { "\(text($0, 1 + index)) → \(number(Double($0.dense[index])))" }
    }
    let headings = summary.splits.map { "\($0.split.rawValue): least, mean, greatest" }
    return Table(
      [.text("dense")] + headings.map { .text($0) } + summary.shown.indices.map { .text("row \($0 + 1)") }, rows
    ).terminal
  }

  private static func weights(_ summary: ClickSummary) -> String? {
    guard let column = summary.schema.weight else { return nil }
    let headings = summary.splits.map { "\($0.split.rawValue): least, mean, greatest" }
    return Table([.text("weight")] + headings.map { .text($0) }, [[column] + summary.splits.map { range($0.weights!) }])
      .terminal
  }

  private static func range(_ range: ClickSummary.Range) -> String {
    let missing = range.missingShare > 0 ? ", \(Format.percent(range.missingShare)) missing" : ""
    return "\(number(Double(range.least))), \(number(range.mean)), \(number(Double(range.greatest)))\(missing)"
  }

  private static func fields(_ summary: ClickSummary) -> String? {
    guard !summary.schema.fields.isEmpty else { return nil }
    let rows = summary.schema.fields.indices.map { index in
      [summary.schema.fields[index].column, Format.integer(summary.schema.fields[index].cardinality)]
        + summary.splits.map { unknown($0.fields[index]) }
        + summary.shown.map {
          "\(text($0, 1 + summary.schema.dense.count + index)) → \($0.ids[index].map(String.init).joined(separator: " "))"
        }
    }
    return Table(
      [.text("id"), .number("ids")] + summary.splits.map { .text("unknown in \($0.split.rawValue)") }
        + summary.shown.indices.map { .text("row \($0 + 1)") }, rows
    ).terminal
  }

  private static func unknown(_ unknown: ClickSummary.Unknown) -> String {
    guard let share = unknown.share else { return Format.missing }
    if case .ids(_, let all) = unknown { return "\(Format.percent(share)) of \(Format.plural(all, "id"))" }
    if case .values = unknown { return "\(Format.percent(share)) of values" }
    return "\(Format.percent(share)) of rows"
  }

  private static func text(_ example: ClickExample, _ index: Int) -> String {
    let text = example.texts[index]
    return text.count > 14 ? "'\(text.prefix(13))…'" : "'\(text)'"
  }

  private static func number(_ value: Double) -> String { Format.number(value) }
}

extension ClickSummary {
  /// The rows that are shown: the first ones for training, where there are such.
  fileprivate var shown: [ClickExample] { splits.first?.examples ?? [] }
}
