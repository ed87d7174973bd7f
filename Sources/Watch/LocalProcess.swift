import Glibc

/// Another process of this host, as far as the system tells of it: proc(5).
struct LocalProcess {
  /// Its number; 0 where that is not known.
  let number: Int

  /// What it does, for a rank that does not answer; nil where it seems to be as it should, or is another's.
  func words(ofRank rank: Int) -> String? {
    guard number > 0 else { return nil }
    guard let state = Self.state(number) else { return "rank \(rank)'s process \(number) is gone" }
    // A number may be another's by now, or of another namespace.
    guard state.name == Self.state(Int(getpid()))?.name else { return nil }
    switch state.letter {
    case "T", "t": return "rank \(rank)'s process \(number) is stopped: 'kill -CONT \(number)' lets it go on"
    case "Z", "X": return "rank \(rank)'s process \(number) has ended"
    case "D": return "rank \(rank)'s process \(number) waits for a disk or a file system that does not answer"
    default: return nil
    }
  }

  /// Ends it, stopped or not, where it is of the same program and started by the same process as this one: a number may be another's
  /// by now. The launcher, which waits for it, tells MPI.
  func end() {
    guard number > 0, let state = Self.state(number), let own = Self.state(Int(getpid())), state.name == own.name,
      state.parent == own.parent
    else { return }
    kill(pid_t(number), SIGKILL)
  }

  /// The name stands in brackets, and may hold anything but what comes behind the last of them.
  private static func state(_ number: Int) -> (name: [UInt8], letter: Character, parent: Int?)? {
    let descriptor = open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0, let start = bytes[..<count].firstIndex(of: UInt8(ascii: "(")),
      let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")), start < end, end + 2 < count
    else { return nil }
    let rest = String(decoding: bytes[(end + 2)..<count], as: UTF8.self).split(separator: " ")
    return (
      Array(bytes[start...end]), Character(Unicode.Scalar(bytes[end + 2])), rest.count > 1 ? Int(rest[1]) : nil
    )
  }
}
