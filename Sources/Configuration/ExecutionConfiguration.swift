public struct ExecutionConfiguration: Codable, Equatable, Sendable {
  /// Threads per rank; nil means one per core given to the rank.
  public var threads: Int?
  public var bucketBytes: Int
  public var overlap: Overlap
  /// Microbatches read ahead.
  public var prefetch: Int

  public enum Overlap: String, Codable, CaseIterable, Sendable {
    /// One exchange after the backward pass.
    case none
    /// Buckets start as they complete; MPI progresses when waited for.
    case start
    /// As `start`, and MPI is also given the chance to progress after every layer.
    case progress
  }

  public init(
    threads: Int? = nil, bucketBytes: Int = 4 << 20, overlap: Overlap = .progress, prefetch: Int = 4
  ) {
    self.threads = threads
    self.bucketBytes = bucketBytes
    self.overlap = overlap
    self.prefetch = prefetch
  }
}

enum ExecutionKey: String, SectionKey { case threads, bucketBytes, overlap, prefetch }

extension ExecutionConfiguration {
  init(_ section: Section<ExecutionKey>) throws {
    self.init()
    threads = try section.optional(.threads)?.whole(in: 1...4096)
    bucketBytes = try section[.bucketBytes]?.whole() ?? bucketBytes
    overlap = try section[.overlap]?.choice() ?? overlap
    prefetch = try section[.prefetch]?.whole(in: 1...1024) ?? prefetch
  }
}
