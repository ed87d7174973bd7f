import Glibc

/// The use that this process has made of the machine so far, and of MPI.
package struct ProcessUse: Equatable {
  /// `Activity.finishedCalls`.
  package var finishedCalls: Int
  /// `Activity.isWaiting`.
  package var isWaiting: Bool
  /// User and system time of all threads.
  package var cpuSeconds: Double
  /// Pages read back in, blocks read and written.
  package var transfers: Int
  /// Whether the main thread waits for a disk or a file system: what it flushes was counted when it was written.
  package var isInDisk: Bool

  package init(finishedCalls: Int, isWaiting: Bool, cpuSeconds: Double, transfers: Int, isInDisk: Bool = false) {
    self.finishedCalls = finishedCalls
    self.isWaiting = isWaiting
    self.cpuSeconds = cpuSeconds
    self.transfers = transfers
    self.isInDisk = isInDisk
  }

  static func now() -> ProcessUse {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return ProcessUse(
      finishedCalls: Activity.finishedCalls, isWaiting: Activity.isWaiting,
      cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      transfers: usage.ru_majflt + usage.ru_inblock + usage.ru_oublock, isInDisk: state == UInt8(ascii: "D"))
  }

  /// proc(5): of the main thread, behind its name in brackets, which may hold anything.
  private static var state: UInt8? {
    let descriptor = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { bytes in
      let count = read(descriptor, bytes.baseAddress, bytes.count)
      guard count > 0, let bracket = bytes[..<count].lastIndex(of: UInt8(ascii: ")")), bracket + 2 < count else {
        return nil
      }
      return bytes[bracket + 2]
    }
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}
