/// Why a line of click data cannot be a sample. Plain numbers, so that finding one costs nothing; `ClickLineLayout` and the
/// line itself make words of it.
struct ClickLineProblem: Error {
  enum Kind: UInt8 {
    case fieldCount, openQuote, afterQuote, label, dense, range, empty, boundaryNumber, unknownSplit
    case pair, triple, index, twice, notOne
  }
  var kind: Kind
  /// Which text (see `ClickLineLayout.names`).
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
      return "the line has \(number) \(unit) instead of \(layout.fieldCount)"
    case .openQuote: return "a quote is open at the end of the line"
    case .afterQuote: return "text follows the closing quote of field \(number)"
    case .label: return "the label is '\(text.excerpt)', not 0 or 1"
    case .dense: return "'\(name)' is '\(text.excerpt)', not a number"
    case .range: return "'\(name)' is '\(text.excerpt)', not an id from 0 to \(number - 1)"
    case .empty: return "'\(name)' is empty, but an id is needed"
    case .boundaryNumber: return "'\(name)' is '\(text.excerpt)', not a number, so it lies in no bucket"
    case .unknownSplit:
      return "'\(name)' is '\(text.excerpt)', not one of \(layout.splitValues.map(\.text).joined(separator: ", "))"
    case .pair: return "'\(text.excerpt)' is not of the form index:value"
    case .triple: return "'\(text.excerpt)' is not of the form field:index:value"
    case .index: return "'\(text.excerpt)' does not begin with a whole number"
    case .twice: return "there are two values of '\(name)', but a field has one id"
    case .notOne: return "'\(text.excerpt)' has a value other than 1, but '\(name)' is an id"
    }
  }
}
