import MessagePassing

let launcherChecks = [
  RankCheck("the launcher's variables agree with MPI") { world in
    let environment = LauncherEnvironment.current
    try expectEqual(environment.rank, world.rank, "rank")
    try expectEqual(environment.size, world.size, "size")
  },
  RankCheck("the variables of MPICH and Slurm") { _ in
    let hydra = environment(["PMI_RANK": "2", "PMI_SIZE": "4"])
    try expectEqual([hydra.rank, hydra.size], [2, 4], "PMI")

    let slurm = environment([
      "SLURM_PROCID": "6", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "7", "SLURM_NTASKS": "9",
      "ENVIRONMENT": "BATCH",
    ])
    try expectEqual([slurm.rank, slurm.size], [6, 7], "Slurm")
    let older = environment(["SLURM_PROCID": "1", "SLURM_NTASKS": "3"])
    try expectEqual([older.rank, older.size], [1, 3], "Slurm without a step")
    let script = environment(["SLURM_PROCID": "0", "SLURM_NTASKS": "4", "ENVIRONMENT": "BATCH"])
    try expectEqual(script.size, 1, "ranks of a batch script")

    let none = environment([:])
    try expectEqual([none.rank, none.size], [0, 1], "no launcher")
    try expect(none.launcher == nil, "a launcher without its variables")
  },
  RankCheck("whether a job stays on its host") { _ in
    func stays(_ variables: [String: String]) -> Bool { environment(variables).staysOnHost }
    try expect(stays([:]), "a process alone")
    let openMPI = ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "4"]
    try expect(stays(openMPI.merging(["OMPI_COMM_WORLD_LOCAL_SIZE": "4"]) { $1 }), "all of them here")
    try expect(!stays(openMPI.merging(["OMPI_COMM_WORLD_LOCAL_SIZE": "2"]) { $1 }), "some elsewhere")
    try expect(!stays(openMPI), "nobody says")
    try expect(!stays(["PMIX_RANK": "0"]), "PMIx, which says no size")
    let step = ["SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "3", "SLURM_NODEID": "0"]
    try expect(!stays(step.merging(["SLURM_STEP_TASKS_PER_NODE": "2,1"]) { $1 }), "two nodes of Slurm")
    try expect(stays(step.merging(["SLURM_STEP_TASKS_PER_NODE": "3"]) { $1 }), "one node of Slurm")
  },
  RankCheck("variables that say another size than the world's") { _ in
    func said(_ world: Int, _ variables: [String: String]) -> String {
      environment(variables).disagreement(withWorldOf: world).map { "\($0.variable) \($0.size)" } ?? "nothing"
    }
    let openMPI = ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "4"]
    try expectEqual(said(4, openMPI), "nothing", "Open MPI")
    try expectEqual(said(3, openMPI), "OMPI_COMM_WORLD_SIZE 4", "Open MPI")
    try expectEqual(said(2, ["PMI_RANK": "1", "PMI_SIZE": "1"]), "PMI_SIZE 1", "PMI")
    try expectEqual(said(8, ["PMIX_RANK": "3"]), "nothing", "PMIx, which says no size")

    let step = ["SLURM_PROCID": "0", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2", "ENVIRONMENT": "BATCH"]
    try expectEqual(said(2, step.merging(["SLURM_NTASKS": "8"]) { $1 }), "nothing", "a step of srun")
    try expectEqual(said(3, step), "SLURM_STEP_NUM_TASKS 2", "a step of srun")
    let script = ["SLURM_PROCID": "0", "SLURM_NTASKS": "4", "ENVIRONMENT": "BATCH"]
    try expectEqual(said(1, script), "SLURM_NTASKS 4", "a script that forgets srun")
    try expectEqual(said(4, script.merging(openMPI) { $1 }), "nothing", "mpirun in a job")
    try expectEqual(said(2, script.merging(openMPI) { $1 }), "OMPI_COMM_WORLD_SIZE 4", "mpirun in a job")
    let few = ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"]
    try expectEqual(said(2, script.merging(few) { $1 }), "SLURM_NTASKS 4", "mpirun with fewer ranks than the job's")
    // On the other nodes mpirun's daemons are steps of srun, one a node.
    let daemon = ["SLURM_PROCID": "1", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "2"]
    try expectEqual(said(4, daemon.merging(openMPI) { $1 }), "nothing", "mpirun on another node")
  },
  RankCheck("the library's name and version") { _ in
    try expectEqual(
      MessagePassingLibrary.shortened("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4"), "Open MPI 4.1.4")
    try expectEqual(MessagePassingLibrary.shortened("MPICH Version:      4.0.2\nMPICH Release date: x"), "MPICH 4.0.2")
    try expect(MessagePassingLibrary.version.contains("."), "version \(MessagePassingLibrary.version)")
    try expect(!MessagePassingLibrary.processorName.isEmpty, "no processor name")
  },
  RankCheck("MPI starts once") { _ in
    let error = try expectError(StartError.self) { try withMessagePassing { _ in } }
    try expectEqual(error, .startedBefore)
  },
]

private func environment(_ variables: [String: String]) -> LauncherEnvironment { .init { variables[$0] } }
