import Buffers
import Dispatch
import Files
import Foundation

extension ClickGenerator {
  /// Writes `train` and `test` shards and `planted.json`, which replace older ones.
  ///
  /// - Parameters:
  ///   - workers: threads that make samples; they make the same bytes, however many they are.
  ///   - progress: gets the rows made so far and the rows wanted, several times a second; may throw, to stop.
  /// - Returns: how well the planted model does on the test split; nil where all its labels are alike.
  /// - Throws: `DatasetError`, `FileError`, and what `progress` throws; then the folder holds what it held before.
  public func write(
    to folder: String, workers: Int, rowsPerShard: Int = 1 << 22, progress: (Int, Int) throws -> Void = { _, _ in }
  ) throws -> ClickPlantedQuality? {
    precondition(workers > 0, "\(workers) workers")
    try check()
    let training = try writer(folder, .train, rowsPerShard)
    let test = try writer(folder, .test, rowsPerShard)
    try FreeSpace.require(bytes + bytes / 256, at: training.folder)
    var pen = Pen(ClickSampler(self), workers: workers)
    try pen.write(0..<rows, to: training) { try progress($0, rows + testRows) }
    var scores = ClickPlantedScores()
    try pen.write(rows..<rows + testRows, to: test, scores: &scores) { try progress(rows + $0, rows + testRows) }
    let quality = scores.quality(self)
    // All on the disk before any takes its place.
    try training.finish()
    try test.finish()
    try ClickWriter.commit([training, test])
    try quality?.write(to: training.folder)
    return quality
  }

  private func writer(_ folder: String, _ split: ClickSplit, _ rowsPerShard: Int) throws -> ClickWriter {
    try ClickWriter(
      folder: folder, split: split, schema: schema,
      source:
        "lockstep synthesize clicks, seed \(seed), exponent \(exponent), embedding \(embedding), signal \(signal)",
      rowsPerShard: rowsPerShard)
  }
}

/// Makes samples in parallel and hands them to a writer in their order, in bounded memory.
private struct Pen: ~Copyable {
  private let sampler: ClickSampler
  private let workers: Int
  private let rowsAtOnce: Int
  private let records: UnsafeMutableRawBufferPointer
  private let scores: UnsafeMutableBufferPointer<Float>

  private static let rowsOfWorker = 1 << 13
  /// Bytes of all workers' records together.
  private static let mostBytes = 1 << 28

  init(_ sampler: ClickSampler, workers: Int) {
    self.sampler = sampler
    self.workers = workers
    let rowsThatFit = Self.mostBytes / sampler.layout.stride / workers
    rowsAtOnce = workers * max(1, min(Self.rowsOfWorker, rowsThatFit))
    records = .allocate(byteCount: rowsAtOnce * sampler.layout.stride, alignment: AlignedMemory.alignment)
    scores = .allocate(capacity: rowsAtOnce)
    scores.initialize(repeating: 0)
  }

  deinit {
    records.deallocate()
    scores.deallocate()
  }

  mutating func write(_ samples: Range<Int>, to writer: ClickWriter, progress: (Int) throws -> Void) throws {
    var unused = ClickPlantedScores()
    try write(samples, to: writer, scores: &unused, wantsScores: false, progress: progress)
  }

  mutating func write(
    _ samples: Range<Int>, to writer: ClickWriter, scores found: inout ClickPlantedScores, wantsScores: Bool = true,
    progress: (Int) throws -> Void
  ) throws {
    for first in stride(from: samples.lowerBound, to: samples.upperBound, by: rowsAtOnce) {
      let rows = min(rowsAtOnce, samples.upperBound - first)
      fill(first, rows)
      try writer.append(UnsafeRawBufferPointer(rebasing: records[..<(rows * sampler.layout.stride)]))
      if wantsScores {
        for row in 0..<rows {
          found.add(scores[row], label: records.load(fromByteOffset: row * sampler.layout.stride, as: UInt32.self))
        }
      }
      try progress(first + rows - samples.lowerBound)
    }
  }

  /// Each worker has a run of samples of its own.
  private func fill(_ first: Int, _ rows: Int) {
    nonisolated(unsafe) let (records, scores) = (records, scores)
    let (sampler, size) = (sampler, sampler.layout.stride)
    let share = (rows + workers - 1) / workers
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      let mine = min(worker * share, rows)..<min((worker + 1) * share, rows)
      sampler.write(
        first + mine.lowerBound,
        to: UnsafeMutableRawBufferPointer(rebasing: records[mine.lowerBound * size..<mine.upperBound * size]),
        scores: UnsafeMutableBufferPointer(rebasing: scores[mine]))
    }
  }
}
