import Configuration
import StoredFiles

/// Every change that a tree of JSON is put through: each value in it meets each extreme.
enum JSONChanges {
  /// Only the first items of lists: the others are alike.
  static func all(of node: ConfigurationNode) -> [(path: String, change: StoredChange)] {
    var changes = own(of: node).map { (node.path, $0) }
    if !node.path.isEmpty { changes += [(node.path, .removed), (node.path, .repeated)] }
    switch node.content {
    case .section(let entries): for entry in entries { changes += all(of: entry.value) }
    case .list, .texts: for item in (node.items ?? []).prefix(2) { changes += all(of: item) }
    case .empty, .scalar: break
    }
    return changes
  }

  private static func own(of node: ConfigurationNode) -> [StoredChange] {
    let others = ["null", "[]", "{}", "5", "\"x\"", "true"].map(StoredChange.replaced)
    switch node.content {
    case .empty, .scalar:
      return (numbers + texts + ["null", "true", "[]", "{}", "[1]", "{\"a\": 1}"]).map(StoredChange.replaced)
    case .section: return others + [.added(key: "unheardOf", json: "1"), .added(key: "version", json: "2147483647")]
    case .list, .texts: return others + [.doubled, .reversed, .shortened, .replaced(deep), .replaced(long)]
    }
  }

  private static let numbers = [
    "-1", "0", "1", "2", "3.5", "-0.0", "1e-308", "1000003", "2147483647", "2147483648", "4294967295",
    "4611686018427387904", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e30", "1e308",
    "-1e308", "1e400", "\"NaN\"", "\"Infinity\"",
  ]
  private static let texts = [
    "\"\"", "\"../../../x\"", #""<b>\u001b[31m\u0007=1|`\n""#, "\"\(String(repeating: "long ", count: 20_000))\"",
  ]
  private static let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
  private static let long = "[\(Array(repeating: "1", count: 20_000).joined(separator: ", "))]"
}
