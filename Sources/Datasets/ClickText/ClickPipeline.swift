import Buffers
import Foundation

/// Work on each chunk, by whichever thread is free.
protocol ClickChunkWork: Sendable {
  func run(_ chunk: ClickChunk)
}

/// Chunks go from one thread, which reads and delivers, through several that work, and come back in the order in which
/// they were read. Bounded: two more chunks than threads.
final class ClickPipeline: @unchecked Sendable {
  // Unchecked: every access to what follows holds the condition.

  private enum State { case free, filled, atWork, done }

  private let condition = NSCondition()
  private let chunks: [ClickChunk]
  private var states: [State]
  /// Chunks filled, taken up and delivered so far; their places go round.
  private var filled = 0
  private var taken = 0
  private var delivered = 0
  private var isStopped = false
  /// Threads that were started and have not ended.
  private var running = 0

  init(workers: Int) {
    precondition(workers > 0, "\(workers) workers")
    // Whoever fills one makes room: of many chunks, short texts need few.
    chunks = (0..<workers + 2).map { _ in ClickChunk(room: 1 << 12) }
    states = chunks.map { _ in .free }
  }

  /// - Parameters:
  ///   - fill: false where there is no more.
  ///   - deliver: gets each chunk after `work`, in order, on the calling thread.
  func run(
    _ work: some ClickChunkWork, fill: (ClickChunk) throws -> Bool, deliver: (ClickChunk) throws -> Void
  ) throws {
    defer { stop() }
    for _ in 0..<chunks.count - 2 { try start(work) }
    var isOpen = true
    while isOpen || delivered < filled {
      if let chunk = takeDone(waiting: !isOpen || filled - delivered == chunks.count) {
        try deliver(chunk)
        release()
      } else if isOpen {
        isOpen = try fill(chunks[filled % chunks.count])
        if isOpen { post() }
      }
    }
  }

  private func start(_ work: some ClickChunkWork) throws {
    count(running: 1)
    do {
      let thread = try BackgroundThread.start(for: "parsing text") { [self] in
        while let place = take() {
          work.run(chunks[place])
          finish(place)
        }
      }
      pthread_detach(thread)
    } catch {
      count(running: -1)
      throw error
    }
  }

  private func count(running change: Int) {
    condition.lock()
    running += change
    condition.unlock()
  }

  // The calling thread.

  private func takeDone(waiting: Bool) -> ClickChunk? {
    condition.lock()
    defer { condition.unlock() }
    let place = delivered % chunks.count
    while waiting, states[place] != .done { condition.wait() }
    return delivered < filled && states[place] == .done ? chunks[place] : nil
  }

  private func release() {
    condition.lock()
    states[delivered % chunks.count] = .free
    delivered += 1
    condition.unlock()
  }

  private func post() {
    condition.lock()
    states[filled % chunks.count] = .filled
    filled += 1
    condition.broadcast()
    condition.unlock()
  }

  /// Returns when no thread works any more.
  private func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    while running > 0 { condition.wait() }
    condition.unlock()
  }

  // The threads that work.

  private func take() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while taken == filled, !isStopped { condition.wait() }
    guard !isStopped else {
      running -= 1
      condition.broadcast()
      return nil
    }
    let place = taken % chunks.count
    states[place] = .atWork
    taken += 1
    return place
  }

  private func finish(_ place: Int) {
    condition.lock()
    states[place] = .done
    condition.broadcast()
    condition.unlock()
  }
}
