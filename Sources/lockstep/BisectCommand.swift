import ArgumentParser
import Training

struct BisectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect",
    abstract:
      "Find the first step, and in it the microbatch, array and rank, at which two runs of one experiment differ.",
    discussion: """
      Of runs that ought to have the same bits, each made with train --trail: on other ranks with execution.summation reproducible, on \
      other hosts, or twice the same. Exit code 1 where they differ:
        lockstep bisect output/first output/second
      """)

  @Argument(help: "The --output folder of train --trail.", completion: .directory)
  var first: String

  @Argument(help: "Another one, of the same experiment.", completion: .directory)
  var second: String

  func run() throws {
    let bisection: Bisection
    do {
      bisection = try Bisection(first, second)
      try Console.result(bisection.words)
    } catch { throw ValidationFailure(error) }
    if !bisection.isSame { throw ExitCode(1) }
  }
}
