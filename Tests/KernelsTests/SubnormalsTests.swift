import Foundation
import Kernels
import Testing

struct SubnormalsTests {
  @Test("after flush, a decaying moment ends at 0 instead of at the least number")
  func decay() async {
    let (before, after) = await withCheckedContinuation { continuation in
      // A thread of its own: the setting belongs to the thread, and other tests share theirs.
      Thread {
        let before = Self.decayed(from: 1)
        Subnormals.flush()
        continuation.resume(returning: (before, Self.decayed(from: 2)))
      }.start()
    }
    #expect(before > 0 && before < .leastNormalMagnitude)
    #expect(after == 0)
  }

  private static func decayed(from start: Float) -> Float {
    var moment = start
    for _ in 0..<2000 { moment *= 0.9 }
    return moment
  }
}
