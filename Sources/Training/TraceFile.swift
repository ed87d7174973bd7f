import Files
import Foundation
import Measurement

/// Names in a trace that are the same on all ranks.
public struct TraceNames: Sendable {
  /// Of the network's steps.
  var layers: [String]
  /// Bytes that a rank sends of each bucket.
  var bucketBytes: [Int]

  package init(layers: [String], bucketBytes: [Int]) {
    self.layers = layers
    self.bucketBytes = bucketBytes
  }
}

/// A trace as Perfetto (ui.perfetto.dev) and chrome://tracing read it: Trace Event Format, a process for each rank. The file
/// is there whole or not at all.
public final class TraceFile {
  private let path: String
  private var file: AtomicFile?
  private var names = TraceNames(layers: [], bucketBytes: [])
  /// Nanoseconds of rank 0's clock: the trace's 0.
  private var origin: UInt64 = 0

  /// Tries whether the file can be written, before there is anything to write.
  ///
  /// - Throws: `FileError`.
  public init(_ path: String) throws {
    self.path = NSString(string: path).expandingTildeInPath
    switch InputFile.kind(of: self.path) {
    case .absent, .file: break
    case .folder: throw FileError("\(path): this is a folder: give --trace the name of a file in it")
    case .pipe, .device: throw FileError("\(path): this is no file: give --trace the name of a file")
    }
    file = try AtomicFile(self.path)
  }

  /// - Parameters:
  ///   - lost: events for which a rank had no memory.
  ///   - origin: the first event of any rank, in nanoseconds.
  package func begin(_ names: TraceNames, lost: Int, from origin: UInt64) throws {
    self.names = names
    self.origin = origin
    try write("{\"displayTimeUnit\":\"ms\",\"otherData\":{\"lostEvents\":\(lost)},\"traceEvents\":[")
  }

  /// One rank's events, on rank 0's clock.
  package func write(rank: Int, host: String, _ events: [TraceRecorder.Event]) throws {
    let lines = TraceLines(rank: rank, host: host, names: names, origin: origin)
    try write((rank == 0 ? "\n" : ",\n") + lines.all(events).joined(separator: ",\n"))
  }

  /// The file is in its place afterwards.
  package func finish() throws {
    try write("\n]}\n")
    guard let file = file.take() else { return }
    try file.commit()
  }

  private func write(_ text: String) throws { try file?.write(Data(text.utf8)) }
}
