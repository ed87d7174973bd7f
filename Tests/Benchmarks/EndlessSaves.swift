import ArgumentParser
import Training

/// No benchmark: what a test kills, to see what the folder holds then.
struct EndlessSaves: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "saves", abstract: "Saves copies of two saved models into one folder, in turn, until it is killed.")

  @Argument var first: String
  @Argument var second: String
  @Argument var target: String

  func run() throws {
    let models = [try SavedModel(first), try SavedModel(second)]
    let folder = try ResultFolder(target, replacing: .anyModel)
    while true { for model in models { try save(model, in: folder) } }
  }

  private func save(_ model: SavedModel, in folder: ResultFolder) throws {
    let description = try model.modelFile()
    _ = try ModelSave.save(in: folder.path) { save in
      try save.add(model.data(of: .run), as: .run)
      try save.copy(.weights, of: model, description)
      try save.add(model.data(of: .model), as: .model)
      try save.copy(.optimizer, of: model, description)
      try save.add(model.data(of: .steps), as: .steps)
    }
  }
}
