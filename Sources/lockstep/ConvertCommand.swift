import ArgumentParser
import Configuration
import Datasets
import Foundation
import Reports
import Training

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn images, or click data in text, into Lockstep's memory-mapped form.",
    discussion: """
      A folder of images:  lockstep convert images target
      PNG and JPEG files:  lockstep convert photos target --size 32x32
      Click data:          lockstep convert day_0.tsv.gz day_1.tsv.gz target --schema criteo.yaml --test day_2.tsv.gz
      Text may be plain, gzip or xz; - is standard input. NumPy's arrays (.npz, .npy) are read as text is.
      docs/click-format.md describes schema files,
      docs/image-data.md what a folder of images may hold.
      """)

  @Argument(
    help: ArgumentHelp(
      "A folder with the four IDX files, CIFAR-10's binary files, or PNG and JPEG files by class; or text files of click data; then the folder for the result, made if needed.",
      valueName: "source… target"),
    completion: .file())
  var paths: [String]

  @Option(help: "IDX and CIFAR files: labels are less than this. [default: 10]")
  var classes: Int?

  @Option(
    help: ArgumentHelp(
      "PNG and JPEG files: resize all to this height and width. Needed where they differ.", valueName: "HEIGHTxWIDTH"),
    transform: { text in
      guard let size = ImageSize(text) else {
        throw ValidationError("'\(text)' is no size: give height and width in pixels, such as 32x32")
      }
      return size
    })
  var size: ImageSize?

  @Option(help: ArgumentHelp("Click data: what its columns are.", valueName: "file"), completion: .file())
  var schema: String?

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Click data: text files for validation.", valueName: "file"),
    completion: .file())
  var validation: [String] = []

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Click data: text files for testing.", valueName: "file"),
    completion: .file())
  var test: [String] = []

  @Option(
    help: ArgumentHelp(
      "Click data: use the vocabularies and statistics of this converted folder.", valueName: "folder"),
    completion: .directory)
  var like: String?

  @Flag(help: "With --like: add texts to its vocabularies that they lack; train --from --grow goes on with such data.")
  var grow = false

  @Option(help: "Click data: malformed lines that may be left out.")
  var badLines = 0

  @Option(help: "Click data: threads that parse. [default: one a core]")
  var workers: Int?

  func validate() throws {
    guard paths.count >= 2 else { throw ValidationError("give at least one source, and then the target folder") }
    if grow, like == nil { throw ValidationError("--grow adds to the vocabularies of --like: give that too") }
    try FlagRange.badLines.require("--bad-lines", badLines)
    try FlagRange.workers.require("--workers", workers)
    try FlagRange.classes.require("--classes", classes)
    if schema == nil {
      guard validation.isEmpty, test.isEmpty, like == nil, workers == nil, badLines == 0, paths.count == 2 else {
        throw ValidationError("click data needs --schema, the file that says what its columns are")
      }
    } else if classes != nil {
      throw ValidationError("--classes is for images; click data has two")
    } else if size != nil {
      throw ValidationError("--size is for images")
    }
  }

  func run() throws {
    do {
      if let schema { try convertClicks(schema) } else { try convertImages() }
    } catch is Stopped {
      throw Stopped.exit(keeping: paths[paths.count - 1])
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func convertImages() throws {
    let outputs = try ImageConversion.convert(
      from: paths[0], to: paths[1], classes: classes, size: size, progress: { Console.line($0) })
    for file in outputs {
      Console.line("\(file.path): \(Format.integer(file.rows)) rows, \(Format.bytes(Double(file.bytes)))")
    }
  }

  private func convertClicks(_ file: String) throws {
    var conversion = ClickConversion(
      sources: Array(paths.dropLast()), schema: try ClickSchemaFile.load(file: file), target: paths[paths.count - 1])
    (conversion.validation, conversion.test, conversion.like) = (validation, test, like)
    conversion.badLines = badLines
    conversion.grows = grow
    conversion.workers = workers ?? ProcessInfo.processInfo.activeProcessorCount
    Interruption.listen()
    let display = ConversionDisplay()
    let outcome: ClickConversion.Outcome
    do {
      outcome = try conversion.convert {
        try Stopped.check()
        display.show($0)
      }
    } catch {
      display.end()
      throw error
    }
    display.end()
    report(outcome)
  }

  private func report(_ outcome: ClickConversion.Outcome) {
    for line in outcome.badLines { Console.line("left out: \(line)") }
    if outcome.badLineCount > 0 {
      Console.line("\(Format.integer(outcome.badLineCount)) malformed lines were left out")
    }
    for split in outcome.splits {
      Console.line(
        "\(split.split.rawValue): \(Format.integer(split.rows)) rows, \(Format.integer(split.positives)) with label 1, "
          + Format.bytes(Double(split.bytes)))
    }
    if let growth = outcome.growth {
      Console.line(growth.fields.isEmpty ? "no vocabulary has grown" : "new: \(growth.words)")
    }
    let rows = outcome.schema.idFields.rows
    Console.line(
      "\(outcome.schema.dense.count) dense columns, \(outcome.schema.fields.count) id fields with "
        + "\(Format.integer(rows)) ids")
    Console.lines(ClickSummaryDisplay.text(outcome.summary))
  }
}
