/// How a field's text holds several values: `values`, in a schema file and as it is stored.
public struct ClickValues: Encodable, Equatable, Sendable {
  /// What a model sees of a bag of values.
  public enum Pooling: String, Encodable, CaseIterable, Sendable { case sum, mean }
  /// Between two values: one ASCII character.
  public var separator: String
  /// The values that are used, the first ones: a record has so many ids of the field.
  public var atMost: Int
  /// What becomes of them.
  public var pooling: Pooling

  /// - Parameters:
  ///   - separator: one ASCII character.
  ///   - atMost: in `counts`.
  public init(separator: String, atMost: Int, pooling: Pooling) {
    self.separator = separator
    self.atMost = atMost
    self.pooling = pooling
  }

  /// What `atMost` may be.
  package static let counts = 1...1024
}

enum ClickValuesKey: String, SectionKey { case separator, atMost, pooling }
