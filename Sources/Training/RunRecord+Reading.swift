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
    let record: RunRecord
    do { record = try RecordFile.decoder().decode(RunRecord.self, from: data) } catch {
      throw ReadingFailure(
        description: "\(file.path): not a run record of version \(currentVersion), or damaged; train again (\(error))")
    }
    guard record.version == currentVersion else {
      throw ReadingFailure(
        description:
          "\(file.path): a run record of version \(record.version), not \(currentVersion): another Lockstep wrote "
          + "it; use that one, or train again")
    }
    return record
  }
}
