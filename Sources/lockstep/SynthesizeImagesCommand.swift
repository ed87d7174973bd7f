import ArgumentParser
import Datasets
import Reports

struct SynthesizeImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Make images of the shape of CIFAR-10: a pattern for each class, moved, and noise.",
    discussion: """
      Writes train.lockstep and test.lockstep. The same flags make the same bytes.
      """)

  @Argument(help: "The folder for the data; made if needed.", completion: .directory)
  var target: String

  @Option(help: "Training images.")
  var samples = 50_000

  @Option(help: ArgumentHelp("Test images.", valueName: "samples"))
  var testSamples = 10_000

  @Option(help: "Classes.")
  var classes = 10

  @Option(help: ArgumentHelp("How far the pattern reaches from grey, against the noise: how much there is to see."))
  var signal = 0.2

  @Option(help: ArgumentHelp("Patterns lie up to so far from the middle, in both directions.", valueName: "pixels"))
  var shift = 4

  @Option(help: "Everything random comes from it.")
  var seed: UInt64 = 1

  func validate() throws {
    try FlagRange.images.require("--samples", samples)
    try FlagRange.images.require("--test-samples", testSamples)
    try FlagRange.classes.require("--classes", classes)
    try FlagRange.shift.require("--shift", shift)
    guard signal > 0, signal <= 1 else {
      throw ValidationError("--signal is \(signal), but must be more than 0 and at most 1")
    }
  }

  func run() throws {
    do {
      let generator = ImageGenerator(
        samples: samples, testSamples: testSamples, classes: classes, signal: signal, shift: shift, seed: seed)
      for file in try generator.write(to: target) {
        Console.line("\(file.path): \(Format.integer(file.rows)) rows, \(Format.bytes(Double(file.bytes)))")
      }
    } catch {
      throw ValidationFailure(error)
    }
  }
}
