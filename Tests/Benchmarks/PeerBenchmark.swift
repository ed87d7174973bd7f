import ArgumentParser
import Configuration
import Foundation
import Measurement
import Statistics
import TextTable

/// Ours against PyTorch DistributedDataParallel, in turn in the same sitting.
struct PeerBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers", abstract: "Samples per second against PyTorch DDP, alternating.")

  @Option(help: "A Python that has torch.") var python: String
  @Option(help: "The peer's benchmark: prints a JSON line with samples_per_s.") var peer =
    "../shared/peers/torch_ddp.py"
  @Option var rounds = 3
  @Option var ranks = 2
  @Option(help: "Of what we multiply; the peer's better one counts where it is not float32.")
  var precision = RunConfiguration.ComputePrecision.float32
  @Option(help: "Only this model.") var model: BenchmarkModel?

  private struct Row {
    var name: String
    var ours: Spread
    var theirs: Spread
    var ratio: Spread
  }

  private struct Line: Codable {
    var samplesPerSecond: Double
    enum CodingKeys: String, CodingKey { case samplesPerSecond = "samples_per_s" }
  }

  private var cases: [(model: BenchmarkModel, localBatch: Int)] {
    [
      (.mlp, 512), (.mlp, 2048), (.mlpWide, 512), (.mlpWide, 2048), (.cnn, 128), (.cnn, 512), (.resnet20, 128),
      (.deepfm, 1024), (.deepfm, 4096), (.deepfm, 16384),
      (.deepfmDenseAdam, 1024), (.deepfmDenseAdam, 4096), (.deepfmDenseAdam, 16384),
    ].filter { model == nil || $0.0 == model }
  }

  func run() throws {
    let rows = try cases.map(measure)
    let table = TextTable<Row> {
      [
        Column(title: "model, local batch", value: $0.name),
        Column(title: "Lockstep samples/s", value: Self.text($0.ours), align: .right),
        Column(title: "PyTorch DDP samples/s", value: Self.text($0.theirs), align: .right),
        Column(title: "ratio (min … max)", value: Self.ratioText($0.ratio), align: .right),
      ]
    }
    print("\(ranks) ranks, one thread each, \(rounds) rounds in turn; median (min … max)")
    table.print(rows, style: Style.psql)
  }

  private func measure(_ model: BenchmarkModel, _ localBatch: Int) throws -> Row {
    var (ours, theirs): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      ours.append(
        try samplesPerSecond(
          "\(ourCommand) training --model \(model.rawValue) --local-batch \(localBatch) "
            + "--micro-batch \(model.microBatch(localBatch: localBatch)) --precision \(precision.rawValue) --steps 20"))
      theirs.append(try peerArguments(model).map { try peerSamplesPerSecond($0, localBatch) }.max()!)
    }
    return Row(
      name: "\(model.rawValue) \(localBatch)", ours: Spread(ours), theirs: Spread(theirs),
      ratio: Spread(zip(ours, theirs).map { $0 / $1 }))
  }

  private func peerArguments(_ model: BenchmarkModel) -> [String] {
    model.peerArguments.flatMap { precision == .float32 ? [$0] : [$0, $0 + " --bf16"] }
  }

  private func peerSamplesPerSecond(_ arguments: String, _ localBatch: Int) throws -> Double {
    try samplesPerSecond(
      "OMP_NUM_THREADS=1 \(python) -m torch.distributed.run --nproc-per-node \(ranks) \(peer) "
        + "\(arguments) --local-batch \(localBatch) --steps 20")
  }

  private var ourCommand: String {
    "source launch/mpirun-flags && mpirun \"${mpirun_flags[@]}\" -x OMP_NUM_THREADS=1 -np \(ranks) \(CommandLine.arguments[0])"
  }

  private func samplesPerSecond(_ command: String) throws -> Double {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", command]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard let json = text.split(separator: "\n").last(where: { $0.hasPrefix("{") }),
      let line = try? JSONDecoder().decode(Line.self, from: Data(json.utf8))
    else { throw ValidationError("no figure from: \(command)") }
    return line.samplesPerSecond
  }

  private static func text(_ spread: Spread) -> String {
    String(format: "%.0f (%.0f … %.0f)", spread.median, spread.minimum, spread.maximum)
  }

  private static func ratioText(_ spread: Spread) -> String {
    String(format: "%.2f (%.2f … %.2f)", spread.median, spread.minimum, spread.maximum)
  }
}
