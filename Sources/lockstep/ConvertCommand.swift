import ArgumentParser
import Datasets
import Reports

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Turn a folder of IDX images into Lockstep's memory-mapped form.")

  @Argument(help: "A folder with the four IDX files, plain or gzip.", completion: .directory)
  var source: String

  @Argument(help: "Where train.lockstep and test.lockstep go; made if needed.", completion: .directory)
  var target: String

  @Option(help: "Labels are less than this.")
  var classes = 10

  func run() throws {
    do {
      for file in try Conversion.convert(from: source, to: target, classes: classes, progress: { Console.line($0) }) {
        Console.line("\(file.path): \(Format.integer(file.rows)) rows, \(Format.bytes(Double(file.bytes)))")
      }
    } catch {
      throw ValidationFailure(error)
    }
  }
}
