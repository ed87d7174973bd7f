import Foundation

extension RunRecord {
  public struct ReadingFailure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Reads a `run.json`.
  public static func read(_ file: URL) throws -> RunRecord {
    let data: Data
    do { data = try Data(contentsOf: file) } catch {
      throw ReadingFailure(description: "\(file.path): cannot be read; is this the --output folder of lockstep train?")
    }
    do { return try RecordFile.decoder().decode(RunRecord.self, from: data) } catch {
      throw ReadingFailure(
        description: "\(file.path): not a run record of version \(currentVersion), or damaged; train again (\(error))")
    }
  }
}
