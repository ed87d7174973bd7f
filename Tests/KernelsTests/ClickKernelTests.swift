import Buffers
import Foundation
import Kernels
import Testing

/// Against plain loops over arrays.
@Suite struct ClickKernelTests {
  private func ids(_ count: Int, below rows: Int) -> [Int32] {
    let random = Philox(5)
    return (0..<count).map { Int32(Philox.unit(random.block(UInt64($0), 0).x) * Float(rows)) }
  }

  /// 60 samples are more ids than are asked for ahead; 17 rows make many repeats.
  @Test(arguments: [1, 3, 8, 16, 17, 33], [0, 1, 13, 16])
  func rowsAreGatheredAndAdded(_ width: Int, values: Int) {
    let (rows, fields, tableRows) = (60, 3, 17)
    let table = numbers(tableRows * width, 1)
    let ids = ids(rows * fields, below: tableRows)
    let beside = numbers(rows * values, 2)
    let stride = fields * width + values

    var gathered = Array(repeating: Float.nan, count: rows * stride)
    var results = gathered.mutableSpan
    EmbeddingRows.gather(
      table.span, width: width, ids: ids.span, fields: fields, values: beside.span, into: &results)
    var expected: [Float] = []
    for row in 0..<rows {
      for id in ids[row * fields..<(row + 1) * fields] { expected += table[Int(id) * width..<(Int(id) + 1) * width] }
      expected += beside[row * values..<(row + 1) * values]
    }
    #expect(gathered == expected)

    var sums = table
    var naive = table
    results = sums.mutableSpan
    EmbeddingRows.add(gathered.span, width: width, slots: ids.span, fields: fields, to: &results)
    for row in 0..<rows {
      for column in 0..<fields * width {
        naive[Int(ids[row * fields + column / width]) * width + column % width] += gathered[row * stride + column]
      }
    }
    #expect(difference(sums, naive) < 1e-6)
  }

  @Test(arguments: [1, 2, 26])
  func fieldSums(_ fields: Int) {
    let rows = 40
    let weights = numbers(11, 1)
    let ids = ids(rows * fields, below: 11)
    var scores = Array(repeating: Float.nan, count: rows)
    var results = scores.mutableSpan
    FieldSums.forward(weights.span, ids: ids.span, fields: fields, into: &results)
    #expect(scores == (0..<rows).map { row in (0..<fields).reduce(0) { $0 + weights[Int(ids[row * fields + $1])] } })

    var sums = weights
    var naive = weights
    results = sums.mutableSpan
    FieldSums.backward(scores.span, slots: ids.span, fields: fields, addingTo: &results)
    for place in ids.indices { naive[Int(ids[place])] += scores[place / fields] }
    #expect(difference(sums, naive) < 1e-6)
  }

  @Test(arguments: [1, 5, 16, 20, 32], [0, 3])
  func factorizationIsTheSumOverAllPairs(_ width: Int, more: Int) {
    let (rows, fields) = (7, 5)
    let stride = fields * width + more
    let inputs = numbers(rows * stride, 1)
    var kept = Array(repeating: Float.nan, count: rows * width)
    var scores = Array(repeating: Float.nan, count: rows)
    var sums = kept.mutableSpan
    var results = scores.mutableSpan
    FactorizationProducts.forward(inputs.span, fields: fields, width: width, sums: &sums, into: &results)
    let gradients = numbers(rows, 2)
    var naiveGradient = Array(repeating: Float(0), count: inputs.count)
    let naive = (0..<rows).map { row in
      var sum: Float = 0
      for first in 0..<fields {
        for second in 0..<fields where second != first {
          for column in 0..<width {
            let place = row * stride + first * width + column
            let other = inputs[row * stride + second * width + column]
            sum += 0.5 * inputs[place] * other
            naiveGradient[place] += gradients[row] * other
          }
        }
      }
      return sum
    }
    #expect(difference(scores, naive) < 1e-5)

    var written = Array(repeating: Float.nan, count: inputs.count)
    var added = inputs
    results = written.mutableSpan
    FactorizationProducts.backward(
      inputs.span, fields: fields, width: width, sums: kept.span, gradients: gradients.span, into: &results, adds: false
    )
    #expect(difference(written, naiveGradient) < 1e-5)
    results = added.mutableSpan
    FactorizationProducts.backward(
      inputs.span, fields: fields, width: width, sums: kept.span, gradients: gradients.span, into: &results, adds: true)
    #expect(difference(added, zip(inputs, naiveGradient).map(+)) < 1e-5)
  }

  @Test(arguments: [2, 3, 16, 17, 18, 35], [(1, false), (5, true), (16, true), (20, true)])
  func dotsAreThoseOfAllPairs(_ vectors: Int, _ shape: (width: Int, keepsLast: Bool)) {
    let (rows, width) = (3, shape.width)
    let kernel = PairwiseDots(vectors: vectors, width: width, keepsLast: shape.keepsLast)
    let inputs = numbers(rows * kernel.inputCount, 1)
    func vector(_ row: Int, _ number: Int) -> ArraySlice<Float> {
      inputs[row * kernel.inputCount + number * width..<row * kernel.inputCount + (number + 1) * width]
    }
    var results = Array(repeating: Float.nan, count: rows * kernel.resultCount)
    var scratch = Array(repeating: Float(0), count: kernel.scratchCount)
    var result = results.mutableSpan
    var room = scratch.mutableSpan
    kernel.forward(inputs.span, scratch: &room, into: &result)
    var expected: [Float] = []
    for row in 0..<rows {
      if shape.keepsLast { expected += vector(row, vectors - 1) }
      for first in 0..<vectors {
        for second in 0..<first {
          expected.append(zip(vector(row, first), vector(row, second)).reduce(0) { $0 + $1.0 * $1.1 })
        }
      }
    }
    #expect(difference(results, expected) < 1e-6)

    let gradients = numbers(results.count, 2)
    var written = Array(repeating: Float.nan, count: inputs.count)
    var naive = Array(repeating: Float(0), count: inputs.count)
    result = written.mutableSpan
    kernel.backward(inputs.span, gradients: gradients.span, into: &result)
    for row in 0..<rows {
      var next = row * kernel.resultCount
      let start = row * kernel.inputCount
      if shape.keepsLast {
        for column in 0..<width { naive[start + (vectors - 1) * width + column] += gradients[next + column] }
        next += width
      }
      for first in 0..<vectors {
        for second in 0..<first {
          for column in 0..<width {
            naive[start + first * width + column] += gradients[next] * inputs[start + second * width + column]
            naive[start + second * width + column] += gradients[next] * inputs[start + first * width + column]
          }
          next += 1
        }
      }
    }
    #expect(difference(written, naive) < 1e-6)
  }

  @Test(arguments: [1, 7, 16, 33])
  func crossProducts(_ width: Int) {
    let count = 3 * width
    let (start, state, bias, gradients) = (numbers(count, 1), numbers(count, 2), numbers(width, 3), numbers(count, 4))
    let before = numbers(count, 5)
    var products = before
    var results = Array(repeating: Float.nan, count: count)
    var product = products.mutableSpan
    var result = results.mutableSpan
    CrossProducts.forward(start: start.span, products: &product, bias: bias.span, state: state.span, into: &result)
    #expect(products == before.indices.map { before[$0] + bias[$0 % width] })
    #expect(difference(results, start.indices.map { start[$0] * products[$0] + state[$0] }) < 1e-6)

    for adds in [false, true] {
      var changes = Array(repeating: Float.nan, count: count)
      var starts = adds ? before : Array(repeating: Float.nan, count: count)
      product = changes.mutableSpan
      result = starts.mutableSpan
      CrossProducts.backward(
        gradients: gradients.span, start: start.span, products: products.span, productGradients: &product,
        startGradients: &result, adds: adds)
      #expect(changes == zip(gradients, start).map(*))
      let expected = start.indices.map { gradients[$0] * products[$0] + (adds ? before[$0] : 0) }
      #expect(difference(starts, expected) < 1e-6)
    }
  }

  @Test func probabilitiesOfAnyScore() {
    let scores: [Float] = [-1e9, -100, -20, -1, -1e-3, 0, 1e-3, 1, 20, 100, 1e9, .infinity, -.infinity]
    var results = Array(repeating: Float.nan, count: scores.count)
    var probabilities = results.mutableSpan
    Logistic.probabilities(scores.span, into: &probabilities)
    for (score, result) in zip(scores, results) {
      let expected = Float(1 / (1 + exp(-Double(score))))
      #expect(abs(result - expected) <= 4e-7 * expected + 1e-37, "\(score)")
    }
  }

  @Test(arguments: [0, 3, 16])
  func columnsMoveInAndOut(_ width: Int) {
    let (rows, stride, column) = (4, 21, 5)
    let before = numbers(rows * stride, 1)
    let matrix = numbers(rows * width, 2)
    var wide = before
    var results = wide.mutableSpan
    Columns.insert(matrix.span, rows: rows, into: &results, at: column)
    for index in wide.indices {
      let (row, place) = (index / stride, index % stride - column)
      #expect(wide[index] == (0..<width ~= place ? matrix[row * width + place] : before[index]))
    }
    var narrow = matrix
    results = narrow.mutableSpan
    Columns.extract(wide.span, at: column, rows: rows, into: &results, adds: true)
    #expect(narrow == matrix.map { 2 * $0 })
    results = narrow.mutableSpan
    Columns.extract(wide.span, at: column, rows: rows, into: &results)
    #expect(narrow == matrix)
  }
}
