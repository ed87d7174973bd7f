import Files
import Foundation
import Yams

extension ConfigurationNode {
  /// Reads a file; its keys' paths start with `path`.
  package static func load(file: String, path: String = "") throws -> ConfigurationNode {
    try load(text: try contents(of: file), file: file, path: path)
  }

  /// As `load(file:)`, of a text that was read already.
  static func load(text: String, file: String, path: String = "") throws -> ConfigurationNode {
    let folder = absolute(PathParts.folder(of: file), in: FileManager.default.currentDirectoryPath)
    let place = ConfigurationPlace(source: file, line: nil, folder: folder)
    guard var root = try parse(text, path: path, place: place) else {
      throw ConfigurationError(place, "the file is empty")
    }
    root.place = place
    return root
  }

  /// Nil where the text holds nothing but comments. Lines are counted only if `place` may have them.
  static func parse(_ text: String, path: String, place: ConfigurationPlace, countingLines: Bool = true) throws
    -> ConfigurationNode?
  {
    try AliasBound.check(text, place)
    do {
      var values = 0
      return try Yams.compose(yaml: text, .basic).map {
        try ConfigurationNode($0, path: path, place: place, countingLines: countingLines, values: &values)
      }
    } catch let error as YamlError {
      let (line, problem) = error.summary
      throw ConfigurationError(
        ConfigurationPlace(source: place.source, line: countingLines ? line : nil, folder: place.folder), problem)
    }
  }

  /// Values of one text, aliases followed.
  private static let mostValues = 1 << 18

  /// - Parameter values: how many there are so far.
  private init(
    _ node: Node, path: String, place: ConfigurationPlace, countingLines: Bool, values: inout Int
  ) throws {
    func at(_ mark: Mark?) -> ConfigurationPlace {
      ConfigurationPlace(source: place.source, line: countingLines ? mark?.line : nil, folder: place.folder)
    }
    self.place = at(node.mark)
    self.path = path
    content = .empty
    values += 1
    guard values <= Self.mostValues else { throw error("more than \(Self.mostValues) values: give fewer") }
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style == .singleQuoted || scalar.style == .doubleQuoted
      let isNull = !isQuoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
      content = isNull ? .empty : .scalar(scalar.string, isQuoted: isQuoted)
    case .sequence(let items):
      content = .list(
        try items.enumerated().map {
          try ConfigurationNode(
            $1, path: "\(path)[\($0)]", place: place, countingLines: countingLines, values: &values)
        })
    case .mapping(let pairs):
      content = .section(
        try pairs.map { key, value in
          let name = key.scalar?.string ?? "?"
          return Entry(
            key: name, place: at(key.mark),
            value: try ConfigurationNode(
              value, path: pathOf(name), place: place, countingLines: countingLines, values: &values))
        })
    case .alias: break  // Yams resolves these while it parses.
    }
  }

  /// The largest file that is read.
  private static let mostBytes = 1 << 22

  static func contents(of file: String) throws -> String {
    do { try InputFile.require(file, "a YAML file") } catch { throw ConfigurationError("\(error)") }
    guard let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int, size <= mostBytes else {
      throw ConfigurationError("\(file): more than \(mostBytes) bytes: not a file of settings")
    }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw ConfigurationError("\(file): the file cannot be read: check its permissions")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw ConfigurationError("\(file): not a YAML file: its bytes are not UTF-8 text")
    }
    return text
  }

  /// `~` is the user's home; a relative path starts at `folder`. Without `.` and `..` where they can be resolved.
  static func absolute(_ path: String, in folder: String) -> String {
    let expanded = NSString(string: path).expandingTildeInPath
    let joined = expanded.hasPrefix("/") ? expanded : "\(folder)/\(expanded)"
    return NSString(string: joined).standardizingPath
  }
}

extension YamlError {
  /// The line, where there is one, and the problem in a few words.
  fileprivate var summary: (line: Int?, problem: String) {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, "not valid YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      (context.mark.line, "the key \(keys.map { "'\($0.shown)'" }.joined(separator: ", ")) stands here more than once")
    case .memory: (nil, "no memory to read it")
    case .reader(let problem, _, _, _): (nil, "not valid YAML: \(problem)")
    default: (nil, "not valid YAML: \(self)")
    }
  }
}
