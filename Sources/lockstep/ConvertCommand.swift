import ArgumentParser
import Datasets

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Turn a folder of IDX images into Lockstep's memory-mapped form.")

  @Argument(help: "A folder with the four IDX files, plain or gzip.", completion: .directory)
  var source: String

  @Argument(help: "Where train.lockstep and test.lockstep go; made if needed.", completion: .directory)
  var target: String

  func run() throws {
    do { for line in try convert(from: source, to: target) { print(line) } } catch { throw ValidationFailure(error) }
  }
}
