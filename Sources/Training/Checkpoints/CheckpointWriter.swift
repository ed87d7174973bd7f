import Buffers
import Files
import Glibc
import Synchronization

/// Brings a rank's share of checkpoints to the disk while training goes on: training waits for a copy in memory alone, and for the
/// disk where the checkpoint before is not there yet.
final class CheckpointWriter {
  /// For as much as a rank writes, used again and again.
  private var memory = AlignedMemory(byteCount: 0)
  private var thread: pthread_t?
  private let outcome = Outcome()

  /// The thread's, until it is waited for.
  private final class Outcome: Sendable {
    let result = Mutex<Result<String, Failure>?>(nil)
  }

  /// Why a file is not on the disk.
  struct Failure: Error {
    let text: String
  }

  deinit { _ = finish() }

  /// - Parameters:
  ///   - pieces: copied before this returns.
  ///   - full: as of `CheckpointPart.write`.
  ///   - folder: made where it is not there.
  ///   - name: of the file.
  func write(_ pieces: [CheckpointPiece], text: String, full: String?, to folder: String, as name: String) {
    precondition(thread == nil, "a checkpoint before the last one is there")
    let (copies, outcome) = (copy(pieces), outcome)
    let work: @Sendable () -> Void = {
      let result = Result {
        try OutputFolder.create(folder)
        AtomicFile.flushFolder(of: folder)
        return try CheckpointPart.write(
          copies.map { ($0.name, $0.copy.numbers) }, text: text, full: full, to: "\(folder)/\(name)")
      }
      outcome.result.withLock { $0 = result.mapError { Failure(text: "\($0)") } }
    }
    do { thread = try BackgroundThread.start(for: "writing checkpoints", work) } catch { work() }
  }

  /// Waits until the last one is on the disk.
  ///
  /// - Returns: what its numbers hash to; nil where none was written since this was last asked.
  func finish() -> Result<String, Failure>? {
    if let thread { pthread_join(thread, nil) }
    thread = nil
    return outcome.result.withLock { result in
      defer { result = nil }
      return result
    }
  }

  private func copy(_ pieces: [CheckpointPiece]) -> [(name: String, copy: CheckpointPiece.Copy)] {
    let bytes = pieces.reduce(0) { $0 + $1.floats } * MemoryLayout<Float>.stride
    if memory.byteCount < bytes {
      // The old one goes first.
      memory = AlignedMemory(byteCount: 0)
      memory = AlignedMemory(byteCount: bytes)
    }
    var offset = 0
    return pieces.map { piece in
      defer { offset += piece.floats }
      return (piece.name, piece.copy(to: memory, at: offset))
    }
  }
}
