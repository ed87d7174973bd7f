import Buffers
import Files
import Glibc
import Synchronization

/// Brings a rank's share of checkpoints to the disk while training goes on: training waits for a copy in memory alone, and for the
/// disk where the checkpoint before is not there yet.
final class CheckpointWriter {
  /// As much as a rank writes, used again and again.
  private var copies: [CheckpointPart.Array] = []
  private var thread: pthread_t?
  private let failure = Failure()

  /// The thread's, until it is waited for.
  private final class Failure: Sendable {
    let text = Mutex<String?>(nil)
  }

  deinit { _ = finish() }

  /// - Parameters:
  ///   - arrays: copied before this returns.
  ///   - folder: made where it is not there.
  ///   - name: of the file.
  func write(_ arrays: [CheckpointPart.Array], text: String, to folder: String, as name: String) {
    precondition(thread == nil, "a checkpoint before the last one is there")
    copy(arrays)
    let (copies, failure) = (copies, failure)
    let work: @Sendable () -> Void = {
      do {
        try OutputFolder.create(folder)
        AtomicFile.flushFolder(of: folder)
        try CheckpointPart.write(copies, text: text, to: "\(folder)/\(name)")
      } catch { failure.text.withLock { $0 = "\(error)" } }
    }
    do { thread = try BackgroundThread.start(for: "writing checkpoints", work) } catch { work() }
  }

  /// Waits until the last one is on the disk.
  ///
  /// - Returns: why it is not.
  func finish() -> String? {
    if let thread { pthread_join(thread, nil) }
    thread = nil
    return failure.text.withLock { text in
      defer { text = nil }
      return text
    }
  }

  private func copy(_ arrays: [CheckpointPart.Array]) {
    if copies.map(\.tensor.count) != arrays.map(\.tensor.count) {
      copies = []
      copies = arrays.map { ($0.name, Tensor(Shape($0.tensor.count))) }
    }
    for (copy, array) in zip(copies, arrays) { copy.tensor.copy(from: array.tensor) }
  }
}
