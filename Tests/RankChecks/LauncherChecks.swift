import MessagePassing

let launcherChecks = [
  RankCheck("the launcher's variables agree with MPI") { world in
    let environment = LauncherEnvironment.current
    try expectEqual(environment.rank, world.rank, "rank")
    try expectEqual(environment.size, world.size, "size")
    let node = try world.splitByNode()
    try expectEqual(environment.localRank, node.rank, "local rank")
    try expectEqual(environment.localSize, node.size, "local size")
  },
  RankCheck("the variables of MPICH and Slurm") { _ in
    let hydra = environment(["PMI_RANK": "2", "PMI_SIZE": "4", "MPI_LOCALRANKID": "0", "MPI_LOCALNRANKS": "2"])
    try expectEqual([hydra.rank, hydra.size, hydra.localRank, hydra.localSize], [2, 4, 0, 2], "PMI")

    let step = [
      "SLURM_PROCID": "6", "SLURM_STEP_NUM_TASKS": "7", "SLURM_NTASKS": "9", "SLURM_LOCALID": "0", "SLURM_NODEID": "3",
      "SLURM_STEP_TASKS_PER_NODE": "2(x3),1", "ENVIRONMENT": "BATCH",
    ]
    let slurm = environment(step)
    try expectEqual([slurm.rank, slurm.size, slurm.localRank, slurm.localSize], [6, 7, 0, 1], "Slurm")
    let older = environment(["SLURM_PROCID": "1", "SLURM_NTASKS": "3"])
    try expectEqual([older.rank, older.size], [1, 3], "Slurm without a step")
    let script = environment(["SLURM_PROCID": "0", "SLURM_NTASKS": "4", "ENVIRONMENT": "BATCH"])
    try expectEqual(script.size, 1, "ranks of a batch script")

    let none = environment([:])
    try expectEqual([none.rank, none.size, none.localRank, none.localSize], [0, 1, 0, 1], "no launcher")
    try expect(none.launcher == nil, "a launcher without its variables")
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
