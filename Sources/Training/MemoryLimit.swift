import Foundation

/// The part of a node's memory that a batch system or a container lets its processes take: the kernel ends whoever
/// takes more. Control groups of Linux, version 2 (memory.max) and 1 (memory.limit_in_bytes).
package enum MemoryLimit {
  private static let mount = "/sys/fs/cgroup"

  /// Nil where there is none.
  static func bytes() -> Int? {
    let read = { (path: String) in try? String(contentsOfFile: path, encoding: .utf8) }
    return read("/proc/self/cgroup").flatMap { bytes(memberships: $0, read) }
  }

  /// The least of the groups that this process is in and of those that these lie in.
  ///
  /// - Parameters:
  ///   - memberships: as /proc/self/cgroup: lines `number:controllers:path`.
  ///   - read: a file's text; nil where there is none.
  package static func bytes(memberships: String, _ read: (String) -> String?) -> Int? {
    memberships.split(separator: "\n").flatMap { line -> [Int] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, let files = files(controllers: parts[1]) else { return [] }
      return ancestors(of: parts[2]).compactMap { group in
        // A group without a limit says "max", or in version 1 a number beyond any memory.
        read(files.folder + group + "/" + files.name).flatMap {
          Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
      }
    }.min()
  }

  private static func files(controllers: String) -> (folder: String, name: String)? {
    if controllers.isEmpty { return (mount, "memory.max") }
    return controllers.split(separator: ",").contains("memory") ? ("\(mount)/memory", "memory.limit_in_bytes") : nil
  }

  /// `/a/b`, `/a` and the root, which is empty; a container may see no more than that one.
  private static func ancestors(of path: String) -> [String] {
    let names = path.split(separator: "/")
    return (0...names.count).reversed().map { names[..<$0].map { "/" + $0 }.joined() }
  }
}
