import Configuration
import Datasets
import Foundation
import StoredFiles

/// Data, and the files that say what is done with it.
extension Subject {
  static var data: [Subject] {
    [
      native("native", "train.lockstep"), native("clicks", "train-00000-of-00001.lockstep"), shardSchema,
      damaged("images", "train-images-idx3-ubyte"), damaged("images", "t10k-labels-idx1-ubyte"),
      native("channels", "train.lockstep"), damaged("cifar", "data_batch_2.bin"), photo("train/cat/colour.png"),
      photo("train/dog/transparent.png"), photo("test/dog/smooth.jpg"),
    ] + [text("rows.csv", "train.csv"), text("rows.csv.gz", "train.csv.gz"), text("rows.csv.xz", "train.csv.xz")]
  }

  private static func contents(_ folder: String, _ file: String) -> [UInt8] {
    [UInt8](try! Data(contentsOf: StoredFiles.file("\(folder)/\(file)")))
  }

  private static func open(_ folder: URL) throws {
    _ = try DatasetPair.open(DataConfiguration(path: folder.path))
    _ = try Inspection.inspect(folder.path)
  }

  /// Changes to the header keep its checksum right.
  private static func native(_ folder: String, _ file: String) -> Subject {
    let contents = contents(folder, file)
    return Subject(
      name: "\(folder)/\(file)", folder: folder, file: file,
      changes: headers(of: NativeBytes(contents)) + bytes(of: contents, seed: 7), read: open, command: "inspect FOLDER")
  }

  private static func headers(of native: NativeBytes) -> [Change] {
    values(of: try! NativeBytes.node(native.header)) { text in
      var changed = native
      changed.header = Array(text.utf8)
      return changed.bytes
    }
  }

  private static var shardSchema: Subject {
    let file = "train-00000-of-00001.lockstep"
    return Subject(
      name: "schema of \(file)", folder: "clicks", file: file,
      changes: schemas(of: NativeBytes(contents("clicks", file))),
      read: { _ = try Inspection.inspect($0.appendingPathComponent(file).path) }, command: "inspect FOLDER/\(file)")
  }

  private static func schemas(of native: NativeBytes) -> [Change] {
    JSONChanges.all(of: try! NativeBytes.node(native.schema)).map { path, change in
      Change(name: name(path, change)) { try native.changingSchema(path, change).bytes }
    }
  }

  private static func damaged(_ folder: String, _ file: String) -> Subject {
    Subject(
      name: "\(folder)/\(file)", folder: folder, file: file, changes: bytes(of: contents(folder, file), seed: 8),
      read: open, command: "inspect FOLDER")
  }

  /// An image file of a folder that is converted.
  private static func photo(_ file: String) -> Subject {
    Subject(
      name: "photos/\(file)", folder: "photos", file: file, changes: bytes(of: contents("photos", file), seed: 10),
      read: { folder in
        _ = try ImageConversion.convert(
          from: folder.path, to: folder.appendingPathComponent("converted").path, size: ImageSize(height: 6, width: 8))
      }, command: "convert FOLDER FOLDER/converted --size 6x8")
  }

  /// Text of clicks, read with its schema. The folder gets the file under a name of a split.
  private static func text(_ file: String, _ name: String) -> Subject {
    Subject(
      name: file, folder: "clicks-text", file: file, changes: bytes(of: contents("clicks-text", file), seed: 9),
      read: { folder in
        let manager = FileManager.default
        let data = folder.appendingPathComponent("data")
        try manager.createDirectory(at: data, withIntermediateDirectories: true)
        try manager.copyItem(at: folder.appendingPathComponent(file), to: data.appendingPathComponent(name))
        _ = try DatasetPair.open(
          DataConfiguration(path: data.path, schema: folder.appendingPathComponent("schema.yaml").path))
      }, command: "convert FOLDER/\(file) FOLDER/converted --schema FOLDER/schema.yaml")
  }

  /// Files that people write.
  static var settings: [Subject] {
    let launch = StoredFiles.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("launch")
    func subject(_ path: String, _ read: @escaping (String) throws -> Void) -> Subject {
      let source = launch.appendingPathComponent(path)
      let contents = [UInt8](try! Data(contentsOf: source))
      return Subject(
        name: path, folder: "clicks-text", file: "settings.yaml",
        changes: values(of: try! ConfigurationNode.load(file: source.path)) + bytes(of: contents, seed: 10),
        read: { try read($0.appendingPathComponent("settings.yaml").path) })
    }
    return [
      subject("runs/fashion-mnist-mlp.yaml") { _ = try RunConfiguration.load(file: $0) },
      subject("studies/batch-size.yaml") { _ = try StudyConfiguration.load(file: $0) },
      subject("data/flights/flights.yaml") { _ = try ClickSchemaFile.load(file: $0) },
      subject("data/schemas/criteo.yaml") { _ = try ClickSchemaFile.load(file: $0) },
    ]
  }
}
