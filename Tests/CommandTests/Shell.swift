import Foundation

/// Runs commands as a person at a prompt would, from the package's folder.
enum Shell {
  struct Result {
    /// The exit code; for a command that a signal ended 128 + the signal, as a shell says it.
    let status: Int32
    let output: String
    let errors: String

    /// It ended by itself, with an error.
    var failed: Bool { ![0, 124, 137].contains(status) }

    /// Errors that Lockstep itself printed; the launcher's own words are not ours.
    var ownErrors: [Substring] {
      errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") || $0.hasPrefix("Error: ") }
    }

    /// For the message of a failed expectation.
    var text: String { "status \(status), output:\n\(output)\nerrors:\n\(errors)" }
  }

  static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Where the build put the executables: beside the tests that run now.
  static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

  static let lockstep = products.appendingPathComponent("lockstep").path

  /// The bundled images, so that a run takes a second and needs no installed data.
  static let data = "launch/data/fashion-mnist-subset"

  /// No command of these tests takes as long: one that does hangs, and that is a failure (status 124).
  private static let limitInSeconds = 120

  /// Runs a line of bash to its end.
  @discardableResult
  static func run(_ command: String, limitInSeconds: Int = limitInSeconds) throws -> Result {
    let command = try RunningCommand(command, limitInSeconds: limitInSeconds)
    return try command.finish()
  }

  /// Runs `lockstep` under mpirun with the project's own flags.
  static func lockstep(ranks: Int, _ arguments: String) throws -> Result {
    try run("\(mpirun(ranks)) \(lockstep) \(arguments)")
  }

  /// The start of a command line; bash becomes mpirun, so that a signal sent to the command reaches it. mpirun waits twice
  /// `odls_base_sigkill_timeout` seconds after a rank has failed, whether others are left or not: a third of all that
  /// these tests took.
  static func mpirun(_ ranks: Int) -> String { mpirun(ranks, secondsToEnd: 0) }

  static func mpirun(_ ranks: Int, secondsToEnd: Int) -> String {
    "source launch/mpirun-flags && export OMPI_MCA_odls_base_sigkill_timeout=\(secondsToEnd) "
      + "&& exec mpirun \"${mpirun_flags[@]}\" -np \(ranks)"
  }

  static func has(_ program: String) -> Bool { (try? run("command -v \(program)").status) == 0 }

  static func fileExists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }
}
