import Configuration
import Datasets
import Foundation
import Testing

@Suite struct QuantileTests {
  let folder = ScratchFolder()

  /// The place of each boundary among the sorted numbers is ⌊kN ÷ n⌋: of six numbers in three shares, 2 and 4.
  @Test func boundariesAreThoseOfTheTrainingSplit() throws {
    let schema = """
      name: a
      format: csv
      label: y
      split: {column: s, train: t, validation: v}
      ids: {x: {quantiles: 3}, k: {integer: 9}}
      """
    folder.write(
      "data.txt",
      "s,y,x,k\nt,1,6,0\nv,1,100,1\nt,0,-1e1,2\nt,0,3.0,3\nv,0,,4\nt,1,3,5\nt,1,,6\nt,1,4,7\nt,0,8,8\nv,0,3.5,8\n")
    let outcome = try folder.conversion(schema, "data.txt").convert()
    #expect(outcome.schema.fields[0].encoding == .buckets(boundaries: [3, 6], quantiles: 3))
    #expect(outcome.schema.fields[0].cardinality == 4)
    #expect(try folder.samples().ids == [[2, 4], [0, 6], [1, 7], [1, 9], [3, 10], [1, 11], [2, 12]])
    #expect(try folder.samples(.validation).ids == [[2, 5], [3, 8], [1, 12]])
  }

  /// Each share of numbers that are all different has as many as any other, or one more.
  @Test(arguments: [2, 7, 50]) func sharesAreEqual(count: Int) throws {
    let rows = 1009
    let text = "y,x\n" + (0..<rows).map { "\($0 & 1),\(Double($0 * 331 % rows) / 8 - 40)\n" }.joined()
    let samples = try folder.samples(
      "{name: a, format: csv, label: y, ids: {x: {quantiles: \(count)}}}", text: text)
    let sizes = Dictionary(grouping: samples.ids.map { $0[0] }) { $0 }.mapValues(\.count)
    #expect(sizes.keys.sorted() == (0..<Int32(count)).map { $0 })
    #expect(sizes.values.allSatisfy { $0 == rows / count || $0 == rows / count + 1 })
  }

  /// A number that fills several shares is one bucket, and the least number begins none.
  @Test(arguments: [
    (4, "0 0 0 0 0 0 0 1 2 3", [1.0]), (10, "5 5 5 5", []), (1, "1 2 3", []), (9, "1 2 3", [2, 3]),
    (2, "1 1.0 1e0 2", []), (3, "", []),
  ])
  func fewNumbersOftenRepeated(count: Int, numbers: String, boundaries: [Double]) throws {
    let texts = numbers.split(separator: " ").map(String.init) + [""]
    folder.write("data.txt", "y,x,z\n" + texts.map { "1,\($0),0\n" }.joined())
    let schema = "{name: a, format: csv, label: y, dense: [z], ids: {x: {quantiles: \(count)}}}"
    let outcome = try folder.conversion(schema, "data.txt").convert()
    #expect(outcome.schema.fields[0].encoding == .buckets(boundaries: boundaries, quantiles: count))
    #expect(try folder.samples().ids.last == [Int32(boundaries.count + 1)], "empty text")
  }

  @Test func valueAndQuantileOfOneColumn() throws {
    let schema = """
      {name: a, format: csv, label: y, dense: {x: {standardize: true, missing: 3}}, ids: {x: {quantiles: 2}}}
      """
    let samples = try folder.samples(schema, text: "y,x\n1,1\n0,5\n1,\n")
    #expect(samples.ids == [[0], [1], [2]])
    #expect(samples.dense.map { $0[0].sign } == [.minus, .plus, .plus] && samples.dense[2] == [0])
  }

  @Test func textThatIsNoNumber() throws {
    let schema = "{name: a, format: csv, label: y, ids: {x: {quantiles: 2}}}"
    #expect(
      try folder.error(schema, text: "y,x\n1,1\n0,old\n")
        == "data.txt:3: 'x' is 'old', not a number, so it lies in no bucket; mend the text, or let more lines be left out "
        + "with --bad-lines")
  }

  @Test func anotherDayUsesTheFirstDaysBoundaries() throws {
    let schema = "{name: a, format: csv, label: y, ids: {x: {quantiles: 2}}}"
    folder.write("one.txt", "y,x\n1,1\n0,2\n")
    folder.write("two.txt", "y,x\n1,50\n0,60\n1,1.5\n")
    let first = try folder.conversion(schema, "one.txt", target: "first").convert()
    var conversion = try folder.conversion(schema, "two.txt", target: "second")
    conversion.like = "\(folder.path)/first"
    #expect(try conversion.convert().schema == first.schema)
    #expect(try folder.samples(of: "second").ids == [[1], [1], [0]])
    conversion.schema = try folder.schema(schema.replacingOccurrences(of: "quantiles: 2", with: "quantiles: 3"))
    #expect(
      try folder.error { try conversion.convert() }
        == "schema.yaml: the column 'x' is not as in first: give the schema file that it was converted with")
  }
}
