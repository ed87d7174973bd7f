/// One of several studies in a file: a chapter of its report.
public struct StudyPart: Encodable, Equatable, Sendable {
  /// Short; part of the identity of its trials and of its pictures' file names.
  public var name: String
  /// The chapter's heading.
  public var title: String
  /// Complete: what the file says once for all parts is in each.
  public var study: StudyConfiguration

  /// A chapter of a study.
  public init(name: String, title: String, study: StudyConfiguration) {
    self.name = name
    self.title = title
    self.study = study
  }
}

enum PartKey: String, SectionKey {
  case name, title, about, set, axes, variants, calls, search, sharpness, interpolation, claims, target,
    microBatchAtMost
}

extension StudyPart {
  /// - Parameter outer: the study's section: its run, cost and target are every part's, unless the part says otherwise.
  init(_ node: ConfigurationNode, of outer: Section<StudyKey>) throws {
    let section = try Section<PartKey>(node)
    name = try Self.name(try section.required(.name))
    title = try section[.title]?.text() ?? name
    var run = try outer.required(.run)
    if let set = section.optional(.set) { try run.apply(set: set) }
    let own: [(StudyKey, ConfigurationNode?)] = [
      (.name, section[.name]), (.run, run), (.about, section[.about]), (.axes, section[.axes]),
      (.variants, section[.variants]), (.calls, section[.calls]), (.search, section[.search]),
      (.sharpness, section[.sharpness]), (.interpolation, section[.interpolation]), (.claims, section[.claims]),
      (.microBatchAtMost, section[.microBatchAtMost] ?? outer[.microBatchAtMost]), (.cost, outer[.cost]),
      (.target, section[.target] ?? outer[.target]), (.timing, outer[.timing]), (.order, outer[.order]),
    ]
    let entries = own.compactMap { key, value in
      value.map { ConfigurationNode.Entry(key: key.rawValue, place: $0.place, value: $0) }
    }
    study = try StudyConfiguration(
      ConfigurationNode(content: .section(entries), place: node.place, path: ""))
  }

  /// It becomes a part of file names.
  private static func name(_ node: ConfigurationNode) throws -> String {
    let name = try node.text()
    let isPlain = name.unicodeScalars.allSatisfy {
      $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-")
    }
    guard isPlain else { throw node.error("\(node.path) is '\(name)', but may hold letters, digits and - only") }
    return name
  }
}

private enum StoredPartKey: String, SectionKey { case name, title, study }

extension StudyPart {
  /// As it stands in `study.json`.
  init(stored node: ConfigurationNode) throws {
    let section = try Section<StoredPartKey>(node)
    name = try Self.name(try section.required(.name))
    title = try section.required(.title).text()
    study = try StudyConfiguration(try section.required(.study))
    guard study.parts == nil else { throw node.error("\(node.path).study has parts of its own") }
  }
}
