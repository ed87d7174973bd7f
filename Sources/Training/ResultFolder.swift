import Configuration
import Files
import Foundation

/// Where a run, or an exported model, goes: a folder that was made and tried, that this process alone writes to, and in
/// which a save that was cut short has been brought to its end or removed. One rank of a job has it.
public final class ResultFolder {
  /// Results that a save may take the place of.
  public enum Replacing: Sendable {
    /// Results of any kind are an obstacle.
    case nothing
    /// A model without the run that made it.
    case exportedModel
    /// A run with its model as well.
    case anyModel
  }

  private let replacing: Replacing
  private let foreign: [String]
  private var held: (folder: OutputFolder, lock: FolderLock)

  /// The folder's path now; `renew` may have changed it.
  public var path: String { held.folder.path }

  /// - Parameter foreign: files of results of another kind, which never go into one folder with a model.
  /// - Throws: `FileError` where the folder cannot be made or written to, is in use, or holds what may not be replaced.
  public init(_ path: String, replacing: Replacing, foreign: [String] = []) throws {
    self.replacing = replacing
    self.foreign = foreign
    held = try Self.take(path, replacing, foreign)
  }

  /// Whether the folder holds this very run, ended.
  ///
  /// - Throws: `CheckpointError` where it holds another run, or one that was cut short and left no checkpoint; what reading throws.
  public func holdsEnded(_ run: RunConfiguration) throws -> Bool {
    guard FileManager.default.fileExists(atPath: held.folder.file(SavedFile.run.rawValue)) else { return false }
    let record = try SavedModel(path).record()
    let differences = try CheckpointText.differences(run, from: record.configuration)
    guard differences.isEmpty else {
      throw CheckpointError(
        "\(path) holds another run: \(differences.joined(separator: "; ")). Give another folder, or begin anew with --overwrite"
      )
    }
    guard !record.outcome.isInterrupted else {
      throw CheckpointError(
        "\(path) holds a run that was \(record.outcome.word) and left no checkpoint to go on from: begin anew with --overwrite, and "
          + "set checkpoint.everySeconds")
    }
    return true
  }

  /// Whoever has removed or moved the folder while the job ran gets the results all the same: in a new folder of its name,
  /// or, where that is taken by now, of a longer one.
  ///
  /// - Parameter checkpoint: the run's own last one, for which the folder may have been made anew; nil for none.
  func renew(with checkpoint: String? = nil) throws {
    guard !held.lock.isHeld else { return }
    let path = path
    do {
      let isOwn = checkpoint.map { InputFile.kind(of: $0) != .absent } ?? false
      held = try Self.take(path, replacing, foreign, hasOwnCheckpoints: isOwn)
    } catch {
      held = try Self.take("\(path)-\(UniqueName.make())", replacing, foreign)
    }
  }

  private static func take(
    _ path: String, _ replacing: Replacing, _ foreign: [String], hasOwnCheckpoints: Bool = false
  ) throws -> (OutputFolder, FolderLock) {
    let folder = try OutputFolder(path)
    let lock = try FolderLock(folder.path)
    if let file = foreign.first(where: { FileManager.default.fileExists(atPath: folder.file($0)) }) {
      throw FileError("\(path) holds other results (\(file)), with which a model cannot share a folder: choose another")
    }
    try finishSave(in: folder.path)
    try refuse(folder, replacing, hasOwnCheckpoints: hasOwnCheckpoints)
    return (folder, lock)
  }

  /// Brings to its end what a killed process had begun, if it counts, and removes it if it does not. A manifest that
  /// cannot be read says nothing of that.
  private static func finishSave(in folder: String) throws {
    guard let manifest = try? Manifest.read(in: folder) else {
      if InputFile.kind(of: "\(folder)/\(StagedFiles.manifest)") == .absent {
        StagedFiles.removeStaged(in: folder, of: SavedFile.names)
      }
      return
    }
    try StagedFiles(in: folder, id: manifest.id).settle(manifest.files.map(\.name), of: SavedFile.names)
  }

  private static func refuse(_ folder: OutputFolder, _ replacing: Replacing, hasOwnCheckpoints: Bool) throws {
    let there = SavedFile.allCases.filter { FileManager.default.fileExists(atPath: folder.file($0.rawValue)) }
    switch replacing {
    case .anyModel: return
    case .nothing:
      if !hasOwnCheckpoints { try refuseCheckpoints(folder) }
      guard let file = there.first else { return }
      throw FileError(
        "\(folder.path) holds a model already (\(file.rawValue)\(facts(of: folder.path))): give another folder, or "
          + "--overwrite to replace it once the new one is finished")
    case .exportedModel:
      guard there.contains(.run) else { return }
      throw FileError(
        "\(folder.path) holds a run (\(SavedFile.run.rawValue)\(facts(of: folder.path))), which an exported model does not "
          + "replace: choose another folder")
    }
  }

  private static func refuseCheckpoints(_ folder: OutputFolder) throws {
    guard let newest = CheckpointFolder(in: folder.path).entries.first(where: { $0.ranks != nil }) else { return }
    throw FileError(
      "\(folder.path) holds checkpoints of a run that has not ended, the newest after update \(newest.updates): go on with it by "
        + "--resume, give another folder, or begin anew with --overwrite")
  }

  /// The known facts of a run, in words.
  private static func facts(of folder: String) -> String {
    guard let record = try? SavedModel(folder).record() else { return "" }
    return " of \(record.startedAt), \(record.outcome.word)"
  }
}
