import Files
import Foundation
import Testing

@Suite struct RepeatedKeyTests {
  @Test(arguments: [
    (#"{"a": 1, "b": {"a": 2}, "c": [{"a": 1}, {"a": 2}]}"#, nil),
    (#"{"a": 1, "a": 2}"#, "a"), (#"{"x": {"b": "b", "c" : 1, "b" : 3}}"#, "b"),
    (#"[[], [{"d":1,"e":"d","d":2}]]"#, "d"),
    (#"{"a": "a", "b": ["a", "a"]}"#, nil), (#"{"\u0061": 1, "a": 2}"#, "a"), (#"{"a\"": 1, "a": 2}"#, nil),
    (#"{"a\\": 1, "a": "\\", "a": 3}"#, "a"), (#"{"a": "}{", "b": 1}"#, nil), (#""a""#, nil), ("", nil),
  ])
  func isFound(json: String, name: String?) { #expect(RepeatedKey.first(in: Data(json.utf8)) == name) }
}
