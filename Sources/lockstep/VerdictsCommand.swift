import ArgumentParser
import Reports
import Studies

struct VerdictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdicts",
    abstract: "Print what the criteria of several studies came to, as one Markdown table.",
    discussion: """
      Study, criterion, published figure, what was measured with its interval, verdict, and the command that made it, from the \
      stored results alone:
        lockstep verdicts output/keskar output/hoffer > verdicts.md
      docs/studies.md says what the verdicts mean.
      """)

  @Argument(help: "The --output folders of studies.", completion: .directory)
  var folders: [String]

  func run() throws {
    do {
      try Console.result(VerdictPage(folders.map { try StoredStudy(folder: $0) }).markdown)
    } catch {
      throw ValidationFailure(error)
    }
  }
}
