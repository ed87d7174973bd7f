import Kernels
import Testing

@Suite struct MatrixProductTests {
  static let sizes = [(1, 1, 1), (3, 5, 7), (17, 10, 33), (64, 48, 16), (31, 65, 129)]

  @Test(arguments: sizes, [false, true])
  func allFormsEqualTheDefinition(_ size: (rows: Int, columns: Int, inner: Int), accumulates: Bool) throws {
    let (rows, columns, inner) = size
    let a = numbers(rows * inner, 1)
    let b = numbers(inner * columns, 2)
    let start = numbers(rows * columns, 3)
    var expected = accumulates ? start : Array(repeating: 0, count: start.count)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for index in 0..<inner { sum += Double(a[row * inner + index]) * Double(b[index * columns + column]) }
        expected[row * columns + column] += Float(sum)
      }
    }
    let forms: [(MatrixProduct.Form, [Float], [Float])] = [
      (.plain, a, b), (.transposedLeft, transposed(a, rows, inner), b),
      (.transposedRight, a, transposed(b, inner, columns)),
    ]
    for (form, a, b) in forms {
      var c = start
      var result = c.mutableSpan
      try MatrixProduct.multiply(
        a.span, b.span, into: &result, rows: rows, columns: columns, inner: inner, form: form, accumulates: accumulates)
      #expect(difference(c, expected) < 1e-5, "\(form)")
    }
  }

  @Test(arguments: sizes, MatrixProductTests.forms)
  func someRowsAreThoseOfTheWhole(_ size: (rows: Int, columns: Int, inner: Int), form: MatrixProduct.Form) throws {
    let (rows, columns, inner) = size
    let a = numbers(rows * inner, 1)
    let b = numbers(inner * columns, 2)
    var whole = Array(repeating: Float(0), count: rows * columns)
    var parts = Array(repeating: Float.nan, count: rows * columns)
    var result = whole.mutableSpan
    try MatrixProduct.multiply(
      a.span, b.span, into: &result, rows: rows, columns: columns, inner: inner, form: form)
    for part in [0..<rows / 3, rows / 3..<rows] where !part.isEmpty {
      var result = parts.mutableSpan
      try MatrixProduct.multiply(
        a.span, b.span, into: &result, rows: part, of: rows, columns: columns, inner: inner, form: form)
    }
    #expect(difference(parts, whole) < 1e-6)
  }

  static let forms: [MatrixProduct.Form] = [.plain, .transposedLeft, .transposedRight]

  private func transposed(_ matrix: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    (0..<columns).flatMap { column in (0..<rows).map { matrix[$0 * columns + column] } }
  }
}
