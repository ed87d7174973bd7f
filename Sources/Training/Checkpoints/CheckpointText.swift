import Batches
import Configuration
import Foundation
import Measurement

/// All of a checkpoint that is no array: in the first rank's file.
struct CheckpointText: Encodable {
  private static let stored = StoredKind(
    "a checkpoint", version: 2, remedy: "an older checkpoint may do: remove this one's folder and resume again")

  var version = Self.stored.version
  var configuration: RunConfiguration
  /// Of the data.
  var checksum: String?
  /// Seconds since 1970, UTC.
  var written: Double
  /// The same moment on the first rank's host; nil in older checkpoints.
  var uptime: Uptime?
  var updates: Int
  var optimizers: Counts
  /// Of the weights that were put aside; nil where none were.
  var kept: Kept?
  /// How gradients were cut, on which sums of several floats depend.
  var bucketBytes: Int
  var account: RunAccount

  /// Updates that optimisers count, which may go back to an earlier run.
  struct Counts: Encodable, Equatable {
    var dense: Int
    var tables: Int?
  }

  struct Kept: Encodable {
    var epoch: Int
    var optimizers: Counts
  }
}

private enum TextKey: String, SectionKey {
  case version, configuration, checksum, written, uptime, updates, optimizers, kept, bucketBytes, account
}
private enum CountsKey: String, SectionKey { case dense, tables }
private enum KeptKey: String, SectionKey { case epoch, optimizers }
private enum UptimeKey: String, SectionKey { case boot, seconds }

extension CheckpointText {
  /// - Parameter source: for errors.
  /// - Throws: `ConfigurationError`.
  init(_ text: String, source: String) throws {
    self = try Data(text.utf8).withUnsafeBytes {
      try Self.stored.read($0, source: source, line: nil) { try Self(Section<TextKey>($0)) }
    }
  }

  private init(_ section: Section<TextKey>) throws {
    configuration = try RunConfiguration(try section.required(.configuration))
    checksum = try section.optional(.checksum)?.anyText()
    written = try section.required(.written).figure(.amount)
    uptime = try section.optional(.uptime).map { node in
      let section = try Section<UptimeKey>(node)
      return Uptime(
        boot: try section.required(.boot).anyText(), seconds: try section.required(.seconds).figure(.amount))
    }
    updates = try section.required(.updates).whole(in: ConfigurationNode.amounts)
    optimizers = try Counts(try section.required(.optimizers))
    kept = try section.optional(.kept).map { node in
      let section = try Section<KeptKey>(node)
      return Kept(
        epoch: try section.required(.epoch).whole(), optimizers: try Counts(try section.required(.optimizers)))
    }
    bucketBytes = try section.required(.bucketBytes).whole()
    account = try RunAccount(try section.required(.account), configuration)
  }
}

extension CheckpointText.Counts {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<CountsKey>(node)
    self.init(
      dense: try section.required(.dense).whole(in: ConfigurationNode.amounts),
      tables: try section.optional(.tables)?.whole(in: ConfigurationNode.amounts))
  }
}

extension CheckpointText {
  private static func keys(of run: RunConfiguration) throws -> [String: String] {
    Dictionary(uniqueKeysWithValues: try ConfigurationLeaves.of(run).map { ($0.key, $0.value) })
  }

  /// Keys that a run may change when it goes on: where its data lie, how it is computed, when checkpoints are written. What makes
  /// other sums is not among them, but for the size of buckets.
  static func mayDiffer(_ key: String) -> Bool {
    ["data.path", "data.fallback", "data.schema"].contains(key) || key.hasPrefix("checkpoint")
      || (key.hasPrefix("execution.") && key != "execution.summation")
  }

  /// - Parameter place: of the checkpoint.
  /// - Throws: `CheckpointError` where the run is another one, with all keys that differ.
  func requireSame(_ run: RunConfiguration, checksum: String?, at place: String) throws {
    let differences = try Self.differences(run, from: configuration)
    guard differences.isEmpty else {
      throw CheckpointError(
        "\(place) is of another run: \(differences.joined(separator: "; ")). Set them as they were, or begin anew with --overwrite"
      )
    }
    guard self.checksum == checksum else {
      throw CheckpointError(
        "\(place) is of a run on other data (checksum \(self.checksum ?? "none"), these have \(checksum ?? "none")): put the data "
          + "back, or begin anew with --overwrite")
    }
  }

  /// One phrase for each key that may not differ and does.
  ///
  /// - Parameter stored: as it was read.
  static func differences(_ run: RunConfiguration, from stored: RunConfiguration) throws -> [String] {
    let (ours, theirs) = (try keys(of: run.asStored()), try keys(of: stored))
    return Set(ours.keys).union(theirs.keys).filter { !mayDiffer($0) }.sorted().compactMap { key in
      let (here, there) = (ours[key] ?? "not set", theirs[key] ?? "not set")
      return here == there ? nil : "\(key) is \(there) there and \(here) here"
    }
  }
}

/// A checkpoint that cannot be gone on from.
struct CheckpointError: Error, CustomStringConvertible {
  /// One sentence with place and remedy.
  let description: String

  init(_ description: String) { self.description = description }
}

extension RunConfiguration {
  /// What a file would say of it: settings that are left open have the values that reading gives them.
  fileprivate func asStored() throws -> RunConfiguration {
    try RecordFile.encoder().encode(self).withUnsafeBytes {
      try RunConfiguration(ConfigurationNode(json: $0, source: "this run", line: nil))
    }
  }
}
