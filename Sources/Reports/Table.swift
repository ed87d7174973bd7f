import TextTable

/// Text in rows and columns, for the terminal, Markdown and HTML alike.
package struct Table {
  package struct Heading {
    var title: String
    var isNumber: Bool

    package static func text(_ title: String) -> Heading { Heading(title: title, isNumber: false) }
    package static func number(_ title: String) -> Heading { Heading(title: title, isNumber: true) }
  }

  /// That fit a page side by side.
  private static let mostColumns = 11

  var headings: [Heading]
  var rows: [[String]]

  package init(_ headings: [Heading], _ rows: [[String]]) {
    precondition(rows.allSatisfy { $0.count == headings.count }, "a row does not fit its \(headings.count) headings")
    self.headings = headings
    self.rows = rows
  }

  /// Aligned by spaces; empty for a table without rows.
  package var terminal: String {
    render(Style.simple, escape: VisibleText.line).split(separator: "\n", omittingEmptySubsequences: false).map {
      line in
      var line = line
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  var markdown: String { render(Style.pipe, escape: Markdown.escape) }

  private func render(_ style: any TextTableStyle.Type, escape: @escaping (String) -> String) -> String {
    let table = TextTable<[String]> { row in
      zip(headings, row).map { heading, cell in
        Column(title: escape(heading.title), value: escape(cell), align: heading.isNumber ? .right : .left)
      }
    }
    return table.string(for: rows, style: style) ?? ""
  }

  /// For the template.
  var model: [String: Any] {
    [
      "isDense": headings.count > Self.mostColumns,
      "headings": headings.map { ["text": $0.title, "kind": $0.isNumber ? "number" : "text"] },
      "rows": rows.map { row in
        [
          "cells": zip(headings, row).map { heading, cell in
            ["text": cell, "kind": heading.isNumber ? "number" : "text", "heading": heading.title]
          }
        ]
      },
    ]
  }
}
