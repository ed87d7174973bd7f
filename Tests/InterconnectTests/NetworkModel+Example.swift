import Interconnect

extension NetworkModel {
  /// An all-reduce between 2 and 4 nodes and between 2 ranks of one, of a wire of 1 GB/s.
  static var example: NetworkModel {
    let regimes = [
      CostRegime(
        fromBytes: 0, latencySeconds: 1e-4, secondsPerByte: 1e-9, reductionSecondsPerByte: 0, schedules: [.doubling]),
      CostRegime(
        fromBytes: 1 << 16, latencySeconds: 2e-4, secondsPerByte: 1e-9, reductionSecondsPerByte: 1e-10,
        schedules: [.ring]),
    ]
    let memory = [
      CostRegime(
        fromBytes: 0, latencySeconds: 1e-6, secondsPerByte: 1e-10, reductionSecondsPerByte: 1e-10,
        schedules: [.halving, .doubling])
    ]
    func fit(_ ranks: Int, _ nodes: Int, _ regimes: [CostRegime]) -> CollectiveFit {
      CollectiveFit(
        .allReduce, ranks: ranks, nodes: nodes, regimes: regimes, bytes: 8...(1 << 20), error: 0.03, heldOutError: 0.05,
        errorPerDoubling: 0.1)
    }
    return NetworkModel(
      facts: NetworkFacts(
        hosts: (0..<4).map { .init(name: "node\($0)", ranks: 2) }, mpi: "Open MPI 4.1.4",
        settings: ["OMPI_MCA_btl_tcp_links=4"], processor: "a processor", measuredAt: "2026-01-01T00:00:00Z",
        command: "mpirun -np 8 lockstep network --output out"),
      dataSheet: nil,
      times: [CollectiveTime(.allReduce, ranks: 2, nodes: 2, bytes: 1024, times: [1.02e-4, 1e-4, 1.1e-4])],
      fits: [fit(2, 2, regimes), fit(4, 4, regimes), fit(2, 1, memory)],
      cliffs: [
        Cliff(
          collective: .allReduce, ranks: 2, nodes: 2, kind: .cheaper, bytes: 1 << 16, seconds: 3e-4,
          largerBytes: 1 << 17, largerSeconds: 2e-4)
      ],
      heldOutError: 0.05)
  }
}
