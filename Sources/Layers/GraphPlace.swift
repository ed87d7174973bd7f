import Buffers

/// Where a component stands in a model.
public struct GraphPlace: Sendable {
  /// Unique within the model: `branches1.deep.dense1`.
  public let name: String
  /// Numbers from 0: which component of the model's list; inside a composite then which branch, which component of that
  /// branch, and so on.
  let path: [Int]

  /// How deep composites may stand in each other.
  public static let deepest = 64

  /// How many composites it stands in.
  var depth: Int { path.count / 2 }

  /// A branch of the composite that stands here.
  func branch(_ number: Int, _ name: String) -> (prefix: String, path: [Int]) {
    ("\(self.name).\(name).", path + [number])
  }

  /// Keys a layer's random numbers: like no other layer's number in the model. The digits of the way to it, none of them
  /// 0; of a way too long for that, a fingerprint of its name with a bit set that no shorter way has.
  var key: Int {
    guard depth <= 2 else { return Int(FNV1a.hash(name) & UInt64(Int.max)) | 1 << 62 }
    return stride(from: 1, to: path.count, by: 2).reduce(path[0]) { key, place in
      ((key + 1) * 1024 + path[place] + 1) * 1024 + path[place + 1] + 1
    }
  }
}
