import Foundation

/// Where a command leaves its results. Made, and tried, before any work is done.
public struct OutputFolder: Sendable {
  public let path: String

  /// - Throws: `FileError` where the folder cannot be made or written to.
  public init(_ path: String) throws {
    self.path = NSString(string: path).expandingTildeInPath
    do {
      try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    } catch {
      throw FileError("create the folder", path, Self.code(of: error))
    }
    try AtomicFile.write(Data("\n".utf8), to: file(".writable"))
    try? FileManager.default.removeItem(atPath: file(".writable"))
  }

  /// The path of a file in it.
  public func file(_ name: String) -> String { NSString(string: path).appendingPathComponent(name) }

  /// The system's own code, from under Foundation's.
  private static func code(of error: any Error) -> Int32 {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
    if underlying.domain == NSPOSIXErrorDomain { return Int32(underlying.code) }
    return (error as? CocoaError)?.code == .fileWriteFileExists ? EEXIST : EACCES
  }
}
