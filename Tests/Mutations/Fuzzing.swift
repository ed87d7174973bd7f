#if FUZZING
  import CFuzzer
  import Foundation
  import StoredFiles

  /// Has libFuzzer change one subject's file, led by the code that its bytes reach (launch/fuzz).
  struct Fuzzing {
    private static nonisolated(unsafe) var current: Fuzzing?

    private let subject: Subject
    /// A copy of what lies beside the file, in memory.
    private let folder: URL
    private let file: String
    private let names: Set<String>

    private init(_ subject: Subject) throws {
      self.subject = subject
      folder = URL(fileURLWithPath: "/dev/shm/lockstep-fuzz-\(getpid())")
      file = folder.appendingPathComponent(subject.file).path
      try StoredFiles.copy(subject.folder, to: folder)
      names = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path)).union([subject.file])
    }

    /// - Parameters:
    ///   - corpus: a folder of files to begin with, to which libFuzzer adds; without any the subject's own changes are put there.
    ///   - arguments: libFuzzer's.
    /// - Returns: the exit code.
    static func run(_ subject: Subject, corpus: String, _ arguments: [String]) throws -> Int32 {
      let fuzzing = try Fuzzing(subject)
      current = fuzzing
      // libFuzzer does not come back: it ends the process.
      atexit { Fuzzing.current.map { try? FileManager.default.removeItem(at: $0.folder) } }
      try fuzzing.plant(in: corpus)
      var words: [UnsafeMutablePointer<CChar>?] = (["fuzz"] + arguments + [corpus]).map { strdup($0) } + [nil]
      var count = CInt(words.count - 1)
      return words.withUnsafeMutableBufferPointer { buffer in
        var start = buffer.baseAddress
        return LLVMFuzzerRunDriver(&count, &start) { bytes, count in
          Fuzzing.current?.read(UnsafeRawBufferPointer(start: bytes, count: count))
          return 0
        }
      }
    }

    private func plant(in corpus: String) throws {
      let manager = FileManager.default
      try manager.createDirectory(atPath: corpus, withIntermediateDirectories: true)
      guard try manager.contentsOfDirectory(atPath: corpus).isEmpty else { return }
      let stored = StoredFiles.file("\(subject.folder)/\(subject.file)")
      // A text within a file is none by itself: all that there is of it is its changes.
      let own = manager.fileExists(atPath: stored.path) ? [[UInt8](try Data(contentsOf: stored))] : []
      let changed = subject.changes.prefix(200).compactMap { try? $0.bytes() }
      for (index, bytes) in (own + changed).enumerated() {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(corpus)/seed-\(index)"))
      }
    }

    /// One file: accepted, or refused with one clear error. All else is a find.
    private func read(_ bytes: UnsafeRawBufferPointer) {
      let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      precondition(
        descriptor >= 0 && write(descriptor, bytes.baseAddress, bytes.count) == bytes.count, "no room for \(file)")
      close(descriptor)
      do { try subject.read(folder) } catch {
        let message = "\(error)".replacingOccurrences(of: folder.path, with: "FOLDER")
        if !Case.isClear(message, of: subject.file) { fatalError("an error that is not clear: \(message)") }
      }
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] where !names.contains(name)
      {
        try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
      }
    }
  }
#endif
