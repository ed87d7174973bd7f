import ArgumentParser
import Foundation

/// Changes stored files and settings in every way, and has them read: each must be accepted, or refused with one clear
/// error. Nothing may trap, hang or take memory without bound.
@main
struct Mutations: ParsableCommand {
  @Option(help: "How many changed files.") var cases = 1000
  @Option(help: "Decides which.") var seed: UInt64 = 7
  @Option(help: "Have this lockstep read them, by its commands, instead of the code of this program.")
  var program: String?
  @Flag(help: "Show what came of every case.") var verbose = false
  @Option(help: ArgumentHelp("Read the cases from this one on, in this process.", visibility: .hidden))
  var childFrom: Int?

  @Flag(help: "List the kinds of files.") var list = false
  #if FUZZING
    @Option(help: "Have libFuzzer change the file of this subject, with the arguments after --.") var fuzz: String?
    @Option(help: "A folder for files that reach something new.") var corpus = "output/fuzz"
    @Argument(help: "Of libFuzzer.") var arguments: [String] = []
  #endif

  func run() throws {
    if list { return Subject.all.forEach { print($0.name) } }
    #if FUZZING
      if let fuzz {
        guard let subject = Subject.all.first(where: { $0.name == fuzz }) else {
          throw ValidationError("--fuzz \(fuzz): no such subject: see --list")
        }
        throw ExitCode(try Fuzzing.run(subject, corpus: corpus, arguments))
      }
    #endif
    let all = Case.all(seed: seed, count: cases)
    let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-mutations-\(getpid())")
    defer { try? FileManager.default.removeItem(at: scratch) }
    if let childFrom { return try Child(cases: all, scratch: scratch).run(from: childFrom) }
    var tally = Tally(cases: all, isVerbose: verbose)
    if let program {
      try Commands(cases: all, scratch: scratch, program: program).run { tally.add($0, $1, $2) }
    } else {
      try Parent(arguments: ["--cases", "\(cases)", "--seed", "\(seed)"], count: all.count).run {
        tally.add($0, $1, $2)
      }
    }
    print(tally.summary)
    if tally.hasFailures { throw ExitCode.failure }
  }
}
