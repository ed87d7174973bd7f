/// Why a line of click data cannot be a sample. Plain numbers, so that finding one costs nothing; `ClickLineLayout` and the
/// line itself make words of it.
struct ClickLineProblem: Error {
  enum Kind: UInt8 {
    case fieldCount, openQuote, afterQuote, label, dense, range, empty, boundaryNumber, unknownSplit, header
    case noLabel, pair, triple, index, twice, notOne, weight

    /// Where the next row begins is then not known: no line behind it may be taken for one.
    var endsFile: Bool { self == .openQuote }
  }
  var kind: Kind
  /// Number of the text (see `ClickLineLayout.names`).
  var column = 0
  /// Fields found, or the id's limit.
  var number = 0
  var text = TextSpan.empty
}

extension ClickLineProblem {
  func words(_ layout: ClickLineLayout) -> String {
    let name = column < layout.names.count ? layout.names[column] : ""
    switch kind {
    case .fieldCount:
      let unit = number == 1 ? "field" : "fields"
      return "the line has \(number) \(unit) instead of \(layout.fieldCount)\(hint(layout))"
    case .openQuote:
      return
        "a quote is open at the end of the line, so where the next row begins is not known: quoted text must end on "
        + "its own line"
    case .afterQuote: return "text follows the closing quote of field \(number)"
    case .label: return "the label is '\(text.excerpt)', not 0 or 1\(isSigned ? Self.signedLabels : "")"
    case .dense where TextNumber.isTooLarge(text):
      return "'\(name)' is '\(text.excerpt)', too large for a number of 32 bits"
    case .dense: return "'\(name)' is '\(text.excerpt)', not a number"
    case .weight: return "'\(name)' is '\(text.excerpt)', not a weight: that is a number of 32 bits from 0 up"
    case .range: return "'\(name)' is '\(text.excerpt)', not an id from 0 to \(number - 1)"
    case .empty: return "'\(name)' is empty, but an id is needed"
    case .boundaryNumber: return "'\(name)' is '\(text.excerpt)', not a number, so it lies in no bucket"
    case .unknownSplit:
      return "'\(name)' is '\(text.excerpt)', not one of \(layout.splitValues.map(\.text).joined(separator: ", "))"
    case .header where layout.hasHeader: return "the line holds the names of the columns once more"
    case .header:
      return
        "the line holds the names of the columns, which are no row: remove it, or, if every file begins with it, the "
        + "schema's 'columns'"
    case .noLabel: return "the line begins with '\(text.excerpt)', where its label should stand\(hint(layout))"
    case .pair: return "'\(text.excerpt)' is not of the form index:value\(hint(layout))"
    case .triple: return "'\(text.excerpt)' is not of the form field:index:value\(hint(layout))"
    case .index: return "'\(text.excerpt)' does not begin with a whole number"
    case .twice: return "there are two values of '\(name)', but a field has one id"
    case .notOne: return "'\(text.excerpt)' has a value other than 1, but '\(name)' is an id"
    }
  }

  private var isSigned: Bool { ["-1", "+1"].contains(text.excerpt) }

  private static let signedLabels = ": let the schema's label name the texts that are 1, {positive: ['1', '+1']}"

  /// Where all that is wrong may be what the command was told about labels.
  private func hint(_ layout: ClickLineLayout) -> String {
    let isOneLess = kind == .noLabel || (kind == .fieldCount && number == layout.fieldCount - 1)
    let isOneMore = kind == .fieldCount ? number == layout.fieldCount + 1 : kind != .noLabel
    switch layout.labels {
    case .ignored where isOneLess && !layout.hasHeader: return " (text without labels needs --unlabelled)"
    case .absent where isOneMore && !layout.hasHeader: return " (text with labels needs no --unlabelled)"
    default: return ""
    }
  }
}
