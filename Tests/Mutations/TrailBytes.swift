import Configuration
import Training

/// A trail whose header and words can be changed and still have the right hashes, as whoever means harm would hash them.
struct TrailBytes {
  private let frames: [[UInt8]]

  init(_ bytes: [UInt8]) {
    var (frames, rest) = ([[UInt8]](), bytes[TrailWriter.mark.count...])
    while !rest.isEmpty {
      let size = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      let body = rest.dropFirst(8)
      frames.append(Array(body.prefix(size)))
      rest = body.dropFirst((size + 7) / 8 * 8 + 8)
    }
    self.frames = frames
  }

  private func bytes(changing index: Int, to contents: [UInt8]) -> [UInt8] {
    TrailWriter.mark + frames.indices.flatMap { TrailWriter.frame($0 == index ? contents : frames[$0]) }
  }

  /// Every value of the header meets each extreme; words of steps do, at places that a seed decides.
  func changes(count: Int, seed: UInt64) -> [Subject.Change] {
    var generator = Generator(seed: seed)
    let headers = Subject.values(of: Subject.json(frames[0])) { bytes(changing: 0, to: Array($0.utf8)) }
    let words = (0..<count).map { _ in
      let frame = Int.random(in: 1..<frames.count, using: &generator)
      let places = frames[frame].count / 8
      // How many there are of something is said in front.
      let place = Int.random(in: 0..<(Bool.random(using: &generator) ? min(places, 8) : places), using: &generator)
      let word: UInt64 = [0, 1, 2, 1 << 31, 1 << 53, 1 << 62, .max].randomElement(using: &generator)!
      return Subject.Change(name: "word \(place) of frame \(frame) is \(word)") {
        var contents = frames[frame]
        contents.replaceSubrange(
          place * 8..<place * 8 + 8, with: (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) })
        return bytes(changing: frame, to: contents)
      }
    }
    return headers + words
  }
}
