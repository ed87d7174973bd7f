import Configuration
import Datasets
import Foundation
import Testing

@Suite struct TextSchemaTests {
  let folder = ScratchFolder()

  @Test(arguments: [
    ("format: csv", "schema.yaml: missing key 'name'"),
    (
      "name: a\nformat: cvs",
      "schema.yaml:2: format is 'cvs', not one of criteo, csv, libsvm, libffm, numpy (did you mean 'csv'?)"
    ),
    ("name: a\nformat: csv\nlabels: y", "schema.yaml:3: unknown key 'labels' (did you mean 'label'?)"),
    (
      "name: a\nformat: csv\nids: {x: {hash: 3}}",
      "schema.yaml: missing key 'label': name the column that holds the label"
    ),
    ("name: a\nformat: csv\nlabel: y", "schema.yaml: no column is used: give dense, ids or both"),
    (
      "name: a\nformat: csv\nlabel: y\nids:\n  x: {hash: 0}",
      "schema.yaml:5: ids.x.hash is 0, but must be at least 1"
    ),
    (
      "name: a\nformat: csv\nlabel: y\nids:\n  x: {hash: 2000000000}\n  y2: {vocabulary: 1}\n  z: {integer: 2000000000}",
      "schema.yaml:7: with 'z' the columns have 4000000001 ids together, but 2147483647 is the most: hash the largest to "
        + "fewer buckets"
    ),
    (
      "name: a\nformat: csv\nlabel: y\nids:\n  x: {hash: 3, integer: 4}",
      "schema.yaml:5: ids.x needs exactly one of integer, hash, vocabulary, buckets and quantiles"
    ),
    (
      "name: a\nformat: csv\nlabel: y\nids:\n  x: {hahs: 3}", "schema.yaml:5: unknown key 'hahs' (did you mean 'hash'?)"
    ),
    (
      "name: a\nformat: csv\nlabel: y\nids: [x]",
      "schema.yaml:4: the id column 'x' has no encoding: give it one, such as {hash: 1000}, or set defaults.ids"
    ),
    (
      "name: a\nformat: csv\nlabel: y\nids:\n  x: {buckets: [3, 2]}",
      "schema.yaml:5: ids.x.buckets must rise, but 2.0 follows 3.0"
    ),
    (
      "name: a\nformat: csv\nlabel: y\nids:\n  x: {quantiles: 0}",
      "schema.yaml:5: ids.x.quantiles is 0, but must be at least 1"
    ),
    (
      "name: a\nformat: csv\nlabel: y\ndense: [y]",
      "schema.yaml:4: 'y' is the label: as an input it would give the answer away"
    ),
    ("name: a\nformat: csv\nlabel: y\ndense: [x, x]", "schema.yaml:4: the column 'x' stands here twice"),
    (
      "name: a\nformat: csv\ncolumns: [y, age]\nlabel: y\ndense: [agee]",
      "schema.yaml:5: there is no column 'agee' (did you mean 'age'?)"
    ),
    (
      "name: a\nformat: criteo\nids: {C27: {hash: 3}}",
      "schema.yaml:3: there is no column 'C27' (did you mean 'C2'?)"
    ),
    (
      "name: a\nformat: criteo\nseparator: ','",
      "schema.yaml:3: 'separator' means nothing with format criteo: it belongs to csv"
    ),
    (
      "name: a\nformat: libsvm\nids: [5-2]",
      "schema.yaml:3: ids of libsvm data are ranges of indices, such as 14-113, not '5-2'"
    ),
    ("name: a\nformat: libsvm\nids: [1-5, 5-9]", "schema.yaml:3: the indices 5-9 overlap those of 1-5"),
    (
      "name: a\nformat: csv\nlabel: y\nids: {x: {hash: 3}}\nsplit: {column: s, train: [a], test: [a]}",
      "schema.yaml:5: split gives the value 'a' twice"
    ),
    (
      "name: a\nformat: csv\nseparator: 'a\"'\nlabel: y\nids: {x: {hash: 3}}",
      "schema.yaml:3: separator is 'a\"', but must be one character or a few, none of them a quote or a line break, or tab"
    ),
  ])
  func badSchemaFile(text: String, problem: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try folder.schema(text) }
    #expect(error.description.replacingOccurrences(of: "\(folder.path)/", with: "") == problem)
  }

  @Test(arguments: ["criteo", "avazu", "flights-joined", "baseball", "adult"])
  func shippedSchema(name: String) throws {
    let file = URL(fileURLWithPath: subset).deletingLastPathComponent().path + "/schemas/\(name).yaml"
    let schema = try ClickSchemaFile.load(file: file)
    #expect(schema.name == name)
    #expect(!schema.dense.contains { $0.column.hasSuffix("_delay") })
  }

  @Test func bundledFlights() throws {
    let data = URL(fileURLWithPath: subset).deletingLastPathComponent().path + "/flights"
    let conversion = ClickConversion(
      sources: ["\(data)/nycflights13_ids.csv.gz"], schema: try ClickSchemaFile.load(file: "\(data)/flights.yaml"),
      target: "\(folder.path)/flights")
    let outcome = try conversion.convert()
    #expect(outcome.splits.map(\.rows) == [237_327, 42_803, 47_216])
    #expect(outcome.splits.map(\.positives).reduce(0, +) == 80_100)
    // 12 months, 7 days, 19 hours, 3 airports of origin: all in the training split, and one id for what is not.
    #expect([0, 1, 2, 6].map { outcome.schema.fields[$0].cardinality } == [13, 8, 20, 4])
  }
}
