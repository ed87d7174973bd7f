import Foundation
import StoredFiles

/// One changed file and who reads it.
struct Case {
  /// The outcome of a case.
  enum Verdict: String, CaseIterable {
    case accepted, refused
    /// An error that is not one short line with the file's name in it.
    case unclear
    /// More than `memoryLimit`.
    case greedy
    /// Longer than `timeLimit`.
    case hung
    /// The process died.
    case trapped
  }

  /// Bytes that reading any of these small files may take above what the process has.
  static let memoryLimit = 512 << 20
  /// Seconds.
  static let timeLimit: UInt32 = 60

  var subject: Subject
  var change: Subject.Change

  /// Every subject in turn, its changes in an order that the seed decides.
  static func all(seed: UInt64, count: Int) -> [Case] {
    var generator = Generator(seed: seed)
    let lists = Subject.all.map { subject in
      subject.changes.shuffled(using: &generator).map { Case(subject: subject, change: $0) }
    }
    let longest = lists.map(\.count).max() ?? 0
    let cases = (0..<longest).flatMap { round in lists.compactMap { round < $0.count ? $0[round] : nil } }
    return Array(cases.prefix(count))
  }

  /// Puts the changed file into a new copy of what lies beside it.
  func write(to folder: URL) throws {
    try StoredFiles.copy(subject.folder, to: folder)
    try Data(try change.bytes()).write(to: folder.appendingPathComponent(subject.file))
  }

  /// In this process.
  func read(in folder: URL) -> (verdict: Verdict, message: String) {
    PeakMemory.forget()
    let before = PeakMemory.bytes
    var result: (Verdict, String) = (.accepted, "")
    do { try subject.read(folder) } catch {
      let message = "\(error)".replacingOccurrences(of: folder.path, with: "FOLDER")
      result = (isClear(message) ? .refused : .unclear, message)
    }
    let taken = PeakMemory.bytes - before
    return taken > Self.memoryLimit ? (.greedy, "\(taken >> 20) MiB: \(result.1)") : result
  }

  func isClear(_ message: String) -> Bool { Self.isClear(message, of: subject.file) }

  /// One short line that names the file.
  static func isClear(_ message: String, of file: String) -> Bool {
    let names = [file, "FOLDER"]
    return message.utf8.count <= 2000 && !message.contains(where: \.isNewline)
      && names.contains { message.contains($0) }
  }
}

/// The largest resident set since it was forgotten (Linux, proc(5)).
enum PeakMemory {
  static func forget() { try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs")) }

  static var bytes: Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return kilobytes << 10
  }
}
