import Training

/// Threads that may share cores.
struct Crowd: Hashable {
  /// Ranks that share a machine, which several hosts of an emulated cluster may be.
  var ranks: Double
  /// Of each rank.
  var threads: Double
  /// Of the machine.
  var cores: Double

  /// How many times longer a rank computes than with cores of its own, where each computes so large a share of the time: the
  /// others are then seldom all at it.
  func factor(busy: Double) -> Double {
    max(1, threads * (1 + max(0, ranks - 1) * min(1, max(0, busy))) / cores)
  }

  /// Whether there are cores for all.
  var isRoomy: Bool { threads * ranks <= cores }
}

extension MachineFacts {
  func crowd(ranks: Int, threads: Int) -> Crowd {
    Crowd(
      ranks: Double(ranks) / Double(max(1, machines ?? nodes.count)), threads: Double(max(1, threads)),
      cores: Double(max(1, coresPerNode)))
  }
}
