import Foundation

/// How often each text stands as a label, where any may. Only the first of many different ones are told apart.
struct ClickLabelTexts {
  private(set) var texts: [(text: [UInt8], count: Int)]
  /// Rows with texts beyond those.
  private(set) var others = 0
  private static let most = 16

  /// - Parameter positive: texts that mean 1; always told apart.
  init(_ positive: [String]) { texts = positive.map { (Array($0.utf8), 0) } }

  mutating func clear() {
    for index in texts.indices { texts[index].count = 0 }
    others = 0
  }

  @inline(__always)
  mutating func add(_ text: TextSpan) {
    for index in texts.indices where texts[index].text.count == text.count {
      if memcmp(texts[index].text, text.start, text.count) == 0 { return texts[index].count += 1 }
    }
    add(Array(text.bytes), 1)
  }

  mutating func join(_ other: ClickLabelTexts) {
    for (text, count) in other.texts where count > 0 { add(text, count) }
    others += other.others
  }

  private mutating func add(_ text: [UInt8], _ count: Int) {
    if let index = texts.firstIndex(where: { $0.text == text }) {
      texts[index].count += count
    } else if texts.count < Self.most {
      texts.append((text, count))
    } else {
      others += count
    }
  }
}
