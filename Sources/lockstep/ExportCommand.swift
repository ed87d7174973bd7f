import ArgumentParser
import Reports
import Training

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Copy a model to where it is used, without the optimiser's state.",
    discussion: "Writes model.json (model and schema) and weights.safetensors; says how many bytes that saves.")

  @Argument(help: "The --output folder of a train command.", completion: .directory)
  var folder: String

  @Argument(help: "Where the model goes; made if needed.", completion: .directory)
  var target: String

  @Flag(help: "Copy the optimiser's state too, so that training can go on from the copy.")
  var keepOptimizer = false

  func run() throws {
    do {
      let export = try SavedModel(folder).export(to: target, keepsOptimizer: keepOptimizer)
      Console.line("weights           \(Format.integer(export.weights)) bytes")
      Console.line("model and schema  \(Format.integer(export.schema)) bytes")
      Console.line("optimiser state   \(Format.integer(export.optimizer)) bytes\(fate(of: export))")
      let change = Double(export.after) / Double(export.before) - 1
      Console.line(
        "\(target): \(Format.integer(export.before)) bytes before, \(Format.integer(export.after)) after "
          + "(\(Format.percent(change)))")
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func fate(of export: SavedModel.Export) -> String {
    if export.optimizer == 0 { return ": there is none" }
    if export.keepsOptimizer { return ", kept" }
    let share = Double(export.optimizer) / Double(export.weights + export.optimizer)
    return ", left out (\(Format.percent(-share)) of weights and state)"
  }
}
