import Measurement

/// Tells a recorder when each bucket was set off, waited for and back. Nothing is noted outside of the recorder's steps.
final class ExchangeTrace {
  private let recorder: TraceRecorder
  /// Of the buckets that are under way in this step; 0 for the others.
  private var starts: [UInt64]

  init(_ recorder: TraceRecorder, buckets: Int) {
    self.recorder = recorder
    starts = Array(repeating: 0, count: buckets)
  }

  func isSetOff(_ bucket: Int) {
    if recorder.isOn { starts[bucket] = MonotonicClock.now() }
  }

  /// Its sum was seen to be here.
  func isBack(_ bucket: Int) {
    guard recorder.isOn, starts[bucket] > 0 else { return }
    recorder.note(.bucket, bucket, from: starts[bucket], to: MonotonicClock.now())
    starts[bucket] = 0
  }

  /// Runs `wait`, after which the bucket is back.
  func waiting(for bucket: Int, _ wait: () throws -> Void) rethrows {
    guard recorder.isOn, starts[bucket] > 0 else { return try wait() }
    let before = MonotonicClock.now()
    try wait()
    recorder.note(.bucketWait, bucket, from: before, to: MonotonicClock.now())
    isBack(bucket)
  }

  /// What the computing thread, or the one beside it, did on messages from a moment until now.
  func note(_ kind: TraceRecorder.Kind, from start: UInt64?) {
    if recorder.isOn, let start { recorder.note(kind, 0, from: start, to: MonotonicClock.now()) }
  }
}
