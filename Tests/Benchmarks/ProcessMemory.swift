import CReference
import Foundation

/// The kernel's figures of this process's memory (`/proc/self/status`), in bytes.
struct ProcessMemory {
  /// Resident pages that no file backs: the heap and what was mapped for it.
  let anonymous: Int
  /// Resident pages of programs, libraries and shared memory.
  let backed: Int
  /// The most that was ever resident, of both kinds.
  let peak: Int

  static func read() throws -> ProcessMemory {
    let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    func bytes(_ key: String) throws -> Int {
      let line = text.split(separator: "\n").first { $0.hasPrefix("\(key):") }
      guard let kibibytes = line?.split(separator: " ").dropLast().last.flatMap({ Int($0) }) else {
        throw MissingFigure(description: "/proc/self/status says nothing of \(key): this needs Linux 4.5 or later")
      }
      return kibibytes * 1024
    }
    return ProcessMemory(
      anonymous: try bytes("RssAnon"), backed: try bytes("RssFile") + bytes("RssShmem"), peak: try bytes("VmHWM"))
  }

  /// Memory of the whole machine that processes share, whether or not one has touched it.
  static func shared() throws -> Int {
    let text = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("Shmem:") }
    guard let kibibytes = line?.split(separator: " ").dropLast().last.flatMap({ Int($0) }) else {
      throw MissingFigure(description: "/proc/meminfo says nothing of Shmem: this needs Linux")
    }
    return kibibytes * 1024
  }

  /// The peak begins anew; memory that was freed goes back to the system before.
  static func forgetPeak() throws {
    malloc_trim(0)
    // proc(5): 5 makes the peak what is resident now.
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "/proc/self/clear_refs"))
    try file.write(contentsOf: Data("5".utf8))
    try file.close()
  }

  private struct MissingFigure: Error, CustomStringConvertible { let description: String }
}
