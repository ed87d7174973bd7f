import Foundation
import Testing

extension CommandTests {
  /// A process alone in its world does its work or says why not; one of several is not said to be alone.
  @Suite(.serialized) struct Speaking {
    /// Variables that launchers of several MPI libraries leave in the environment of a process that they did not start.
    static let leftovers = [
      "PMI_RANK=1 PMI_SIZE=2", "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2", "PMIX_RANK=1",
      "SLURM_PROCID=1 SLURM_NTASKS=2",
    ]

    /// Arguments of commands that may run on several ranks; nothing that they name need be there.
    static let parallel = [
      "train \(BadInput.file) --output OUT", "study launch/studies/batch-size.yaml --output OUT", "evaluate OUT",
      "predict OUT \(Shell.data) --output OUT/scores.csv",
    ]

    @Test(arguments: zip(leftovers, parallel))
    func aLoneProcessSaysWhyItDoesNothing(variables: String, command: String) throws {
      let folder = try TemporaryFolder()
      let command = command.replacingOccurrences(of: "OUT", with: folder.path)
      let result = try Shell.run("\(variables) \(Shell.lockstep) \(command)")
      expectOneError(
        result, ["rank 1 of 2", "world of 1", "unset it", String(variables.split(separator: "=")[0].prefix(4))])
      #expect(!Shell.fileExists(folder.file("run.json")))
    }

    /// A script that forgets srun, ranks that were lost: one error of one rank, which names the variable.
    @Test func aWorldOfAnotherSizeThanWasAskedForIsRefused() throws {
      let folder = try TemporaryFolder()
      let training = "\(Shell.lockstep) train \(smallRun) --set steps=2 --output \(folder.path)"
      let job = "ENVIRONMENT=BATCH SLURM_NTASKS=4"
      expectOneError(
        try Shell.run("\(job) \(training)"), ["SLURM_NTASKS is 4", "world of 1", "srun", "unset SLURM_NTASKS"])
      expectOneError(
        try Shell.run("export \(job); \(Shell.mpirun(2)) \(training)"), ["SLURM_NTASKS is 4", "world of 2"])
      expectOneError(
        try Shell.run("\(Shell.mpirun(2)) env OMPI_COMM_WORLD_SIZE=3 \(training)"),
        ["OMPI_COMM_WORLD_SIZE is 3", "world of 2", "mpirun -np 3", "unset"])
      #expect(!Shell.fileExists(folder.file("run.json")))
      let step = try Shell.run("\(job) SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 \(training)")
      #expect(step.status == 0, "\(step.text)")
      // What needs no ranks is not held to their number.
      #expect(try Shell.run("\(job) \(Shell.lockstep) report \(folder.path)").status == 0)
    }

    @Test(arguments: leftovers) func aCommandWithoutRanksDoesItsWork(variables: String) throws {
      let inspection = try Shell.run("\(variables) \(Shell.lockstep) inspect \(Shell.data)")
      #expect(inspection.status == 0 && inspection.output.contains("train-images"), "\(inspection.text)")
      expectOneError(try Shell.run("\(variables) \(Shell.lockstep) inspect /nowhere"), ["/nowhere"])
      let help = try Shell.run("\(variables) \(Shell.lockstep) --help")
      #expect(help.status == 0 && help.output.contains("SUBCOMMANDS"), "\(help.text)")
      expectOneError(try Shell.run("\(variables) \(Shell.lockstep) train a.yaml --output b --nonsense"), ["nonsense"])
    }

    /// Each of several processes may have work of its own, and its own error.
    @Test func eachOfSeveralProcessesDoesItsOwnWork() throws {
      let folder = try TemporaryFolder()
      let each = "bash -c '\(Shell.lockstep) convert \(Shell.data) \(folder.path)/$OMPI_COMM_WORLD_RANK'"
      let result = try Shell.run("\(Shell.mpirun(2)) \(each)")
      #expect(result.status == 0, "\(result.text)")
      for rank in 0..<2 { #expect(Shell.fileExists(folder.file("\(rank)/train.lockstep"))) }
      let second = "bash -c '\(Shell.lockstep) inspect \(folder.path)/$((3 * OMPI_COMM_WORLD_RANK))'"
      let failure = try Shell.run("\(Shell.mpirun(2)) \(second)")
      #expect(failure.failed && failure.ownErrors.contains { $0.contains("\(folder.path)/3") }, "\(failure.text)")
      let help = try Shell.run("\(Shell.mpirun(2)) bash -c '[ $OMPI_COMM_WORLD_RANK = 0 ] || \(Shell.lockstep) --help'")
      #expect(help.output.contains("SUBCOMMANDS"), "\(help.text)")
    }

    /// A result that nobody gets is a failure; a reader that has seen enough, or a lost line of progress, is none.
    @Test func aResultThatCannotBeWrittenIsAnError() throws {
      let folder = try TemporaryFolder()
      let run = try Shell.run("\(Shell.lockstep) train \(smallRun) --set steps=2 --output \(folder.path) > /dev/full")
      try #require(run.status == 0 && run.ownErrors.isEmpty, "\(run.text)")
      for command in [
        "inspect \(Shell.data)", "report \(folder.path)", "evaluate \(folder.path)", "--help", "--version",
      ] {
        expectOneError(
          try Shell.run("\(Shell.lockstep) \(command) > /dev/full"), ["standard output", "No space left"])
        let headed = try Shell.run("\(Shell.lockstep) \(command) | head -c 1")
        #expect(headed.status == 0 && headed.errors.isEmpty, "\(headed.text)")
      }
    }
  }
}
