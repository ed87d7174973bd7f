import Foundation
import Testing

/// A file system of a few kilobytes, which only the command run on it sees.
struct SmallDisk {
  /// Root mounts; others may, inside a user namespace of their own, where the system allows that.
  private static let unshare = geteuid() == 0 ? "unshare --mount" : "unshare --map-root-user --mount"
  static let isPossible = (try? Shell.run("\(unshare) mount -t tmpfs none /mnt").status) == 0
  static let comment: Comment = "may not mount a small file system here"

  private let folder: TemporaryFolder
  private let kilobytes: Int

  init(kilobytes: Int) throws {
    self.kilobytes = kilobytes
    folder = try TemporaryFolder()
    for name in ["disk", "kept"] {
      try FileManager.default.createDirectory(at: folder.file(name), withIntermediateDirectories: true)
    }
  }

  /// Where the command finds it.
  var path: String { folder.file("disk").path }
  /// Where the test finds what the command left on it.
  var kept: URL { folder.file("kept") }

  /// - Parameter ranks: nil without a launcher.
  func run(_ command: String, ranks: Int? = 2) throws -> Shell.Result {
    let script = """
      mount -t tmpfs -o size=\(kilobytes)k none \(path)
      (\(ranks.map(Shell.mpirun) ?? "") \(command))
      code=$?
      cp -a \(path)/. \(kept.path)
      exit $code
      """
    try script.write(to: folder.file("script"), atomically: true, encoding: .utf8)
    return try Shell.run("exec \(Self.unshare) bash \(folder.file("script").path)")
  }
}
