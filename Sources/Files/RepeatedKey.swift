import Foundation

/// An object of JSON that has two members of one name: of two readers, one takes the first and the other the last.
public enum RepeatedKey {
  /// The first such name in well-formed JSON; nil where there is none.
  public static func first(in json: Data) -> String? {
    let bytes = [UInt8](json)
    // The names of each object that is open; nil for a list.
    var open: [Set<String>?] = []
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "{"): open.append([])
      case UInt8(ascii: "["): open.append(nil)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
      case UInt8(ascii: "\""):
        let end = endOfText(bytes, from: index)
        if isName(bytes, endingAt: end), let last = open.indices.last {
          let name = text(bytes[index..<end])
          if open[last]?.insert(name).inserted == false { return name }
        }
        index = end
        continue
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Behind the closing quote.
  private static func endOfText(_ bytes: [UInt8], from start: Int) -> Int {
    var index = start + 1
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, bytes.count)
  }

  private static func isName(_ bytes: [UInt8], endingAt end: Int) -> Bool {
    bytes[end...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: ":")
  }

  private static func text(_ literal: ArraySlice<UInt8>) -> String {
    let parsed = try? JSONSerialization.jsonObject(with: Data(literal), options: .fragmentsAllowed)
    return parsed as? String ?? String(decoding: literal, as: UTF8.self)
  }
}
