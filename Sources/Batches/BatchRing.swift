import Foundation

/// Batches that go round between one thread that fills them and one that uses them.
final class BatchRing: @unchecked Sendable {
  // Unchecked: every access to what follows holds the mutex.

  private enum End { case open, finished, failed(any Error), stopped }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  /// Something to use, or the end.
  private let isFilled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Something to fill, or a stop.
  private let isFree = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let total: Int
  private var free: [Batch]
  /// A queue in a circle, `count` long from `head`.
  private var queue: [Batch?]
  private var head = 0
  private var count = 0
  private var lent = 0
  private var end = End.open

  init(_ batches: [Batch]) {
    total = batches.count
    free = batches
    queue = Array(repeating: nil, count: batches.count)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(isFilled, nil)
    pthread_cond_init(isFree, nil)
  }

  deinit {
    pthread_cond_destroy(isFree)
    pthread_cond_destroy(isFilled)
    pthread_mutex_destroy(mutex)
    isFree.deallocate()
    isFilled.deallocate()
    mutex.deallocate()
  }

  // The filling thread.

  /// Fills batches until `read` says that there are no more, throws, or the ring is stopped.
  func fill(_ read: (Batch) throws -> Bool) {
    do {
      while let batch = takeFree() {
        guard try read(batch) else { return finish(.finished) }
        append(batch)
      }
    } catch { finish(.failed(error)) }
  }

  /// In the using thread, where there is no other: fills one batch, unless the end has come.
  func fillOne(_ read: (Batch) throws -> Bool) {
    precondition(lent < total, "all \(total) batches are in use: recycle one before asking for another")
    guard let batch = takeFree() else { return }
    do {
      if try read(batch) { append(batch) } else { finish(.finished) }
    } catch { finish(.failed(error)) }
  }

  private func takeFree() -> Batch? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while free.isEmpty, case .open = end { pthread_cond_wait(isFree, mutex) }
    guard case .open = end else { return nil }
    return free.removeLast()
  }

  private func append(_ batch: Batch) {
    pthread_mutex_lock(mutex)
    queue[(head + count) % total] = batch
    count += 1
    pthread_mutex_unlock(mutex)
    pthread_cond_signal(isFilled)
  }

  private func finish(_ end: End) {
    pthread_mutex_lock(mutex)
    self.end = end
    pthread_mutex_unlock(mutex)
    pthread_cond_signal(isFilled)
  }

  // The using thread.

  func next() throws -> Batch? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    precondition(lent < total, "all \(total) batches are in use: recycle one before asking for another")
    while count == 0, case .open = end { pthread_cond_wait(isFilled, mutex) }
    if count == 0 {
      if case .failed(let error) = end { throw error }
      return nil
    }
    let batch = queue[head]
    queue[head] = nil
    head = (head + 1) % total
    count -= 1
    lent += 1
    return batch
  }

  func recycle(_ batch: Batch) {
    pthread_mutex_lock(mutex)
    precondition(lent > 0, "a batch that was not taken from this reader, or was given back before")
    lent -= 1
    free.append(batch)
    pthread_mutex_unlock(mutex)
    pthread_cond_signal(isFree)
  }

  /// The filling thread ends after the batch that it is at.
  func stop() {
    pthread_mutex_lock(mutex)
    end = .stopped
    pthread_mutex_unlock(mutex)
    pthread_cond_signal(isFree)
  }
}
