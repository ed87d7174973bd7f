import Foundation

/// Where a command leaves its results. Made, and tried, before any work is done.
public struct OutputFolder: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public let url: URL

  public init(_ path: String) throws {
    url = URL(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      let trial = url.appendingPathComponent(".writable")
      try AtomicFile.write(Data("\n".utf8), to: trial)
      try FileManager.default.removeItem(at: trial)
    } catch {
      throw Failure(
        description: "--output \(path): cannot be written to; choose a folder that you may write (\(error))")
    }
  }

  public func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  public func write(_ record: RunRecord) throws {
    try AtomicFile.write(RecordFile.encoder(pretty: true).encode(record), to: file("run.json"))
  }
}
