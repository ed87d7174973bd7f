/// A path's two parts. Foundation's own functions trap on a path of one character.
public enum PathParts {
  /// All before the last name, without the slash; empty for a name alone, `/` at the root.
  public static func folder(of path: String) -> String {
    let path = trimmed(path)
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(trimmed(path[..<slash]))
  }

  /// The last name; empty for the root.
  public static func name(of path: String) -> String {
    let path = trimmed(path)
    return String(path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path)
  }

  /// Without slashes at the end, unless there is nothing else.
  private static func trimmed(_ path: some StringProtocol) -> Substring {
    var path = Substring(path)
    while path.count > 1, path.last == "/" { path = path.dropLast() }
    return path
  }
}
