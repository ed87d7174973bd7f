import Configuration

/// What makes a study this study and no other: its run, except for the keys that the axes vary. Axes may grow, and cost
/// and target may change, while the results stay comparable.
struct StudyIdentity {
  /// Key path and value, sorted.
  private let keys: [String: String]

  init(_ study: StudyConfiguration) throws {
    let varied: Set = ["globalBatch", "microBatch", "seed", "learningRate.scaling"]
    keys = try JSONValue(study.run).leaves.filter { !varied.contains($0.key) }
  }

  /// FNV-1a over the sorted keys: enough to notice another study or an edited file; it guards against nothing hostile.
  /// Source: Fowler, Noll, Vo, the 64-bit parameters of RFC 9923.
  var fingerprint: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for (key, value) in keys.sorted(by: { $0.key < $1.key }) {
      for byte in "\(key)=\(value)\n".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// One phrase a difference; empty where both are the same study.
  func differences(from stored: StudyIdentity) -> [String] {
    Set(keys.keys).union(stored.keys.keys).sorted().compactMap { key in
      let (ours, theirs) = (keys[key] ?? "not set", stored.keys[key] ?? "not set")
      return ours == theirs ? nil : "run.\(key) is \(theirs) there and \(ours) here"
    }
  }
}
