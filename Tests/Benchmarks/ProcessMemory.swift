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
    let bytes = try figures("/proc/self/status")
    return ProcessMemory(
      anonymous: try bytes("RssAnon"), backed: try bytes("RssFile") + bytes("RssShmem"), peak: try bytes("VmHWM"))
  }

  /// What the system says in a file as `KEY: N kB`, in bytes, by key.
  private static func figures(_ path: String) throws -> (String) throws -> Int {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    return { key in
      let line = lines.first { $0.hasPrefix("\(key):") }
      guard let kibibytes = line?.split(separator: " ").dropLast().last.flatMap({ Int($0) }) else {
        throw MissingFigure(description: "\(path) says nothing of \(key): this needs Linux 4.5 or later")
      }
      return kibibytes * 1024
    }
  }

  /// Memory of the whole machine that processes share, whether or not one has touched it.
  static func shared() throws -> Int { try figures("/proc/meminfo")("Shmem") }

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
