/// A few aliases of aliases (`*name`) in YAML stand for thousands of millions of values ("a billion laughs"). Told before
/// the text is parsed, from the marks in it.
enum AliasBound {
  /// The most bytes that a text may stand for; real files stay far below.
  private static let most = 1e8

  static func check(_ text: String, _ place: ConfigurationPlace) throws {
    let (anchors, aliases) = (names(after: "&", in: text), names(after: "*", in: text))
    guard Double(text.utf8.count) * growth(anchors: anchors, aliases: aliases) > most else { return }
    throw ConfigurationError(
      place, "\(anchors) anchors (&name) and \(aliases) aliases (*name) could stand for too much: write the values out")
  }

  /// At most: each of so many levels holds its share of the aliases, all of the level below.
  private static func growth(anchors: Int, aliases: Int) -> Double {
    var largest = 1.0
    // More levels than aliases are of no use.
    for levels in 1..<max(2, min(anchors, aliases) + 1) where anchors > 0 && largest <= most {
      var product = 1.0
      let share = Double(aliases) / Double(levels) + 1
      for _ in 0..<levels where product <= most { product *= share }
      largest = max(largest, product)
    }
    return largest
  }

  /// Marks that could begin an anchor or an alias: within a word they do not.
  private static func names(after mark: Unicode.Scalar, in text: String) -> Int {
    var count = 0
    var before = UInt8(ascii: " ")
    var bytes = text.utf8.makeIterator()
    var byte = bytes.next()
    while let this = byte {
      byte = bytes.next()
      if this == UInt8(ascii: mark), !isOfName(before), let byte, isOfName(byte) { count += 1 }
      before = this
    }
    return count
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
