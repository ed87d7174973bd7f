import ArgumentParser

/// Options that train, study and evaluate have in common.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a key of the file; may be repeated.", valueName: "key=value"))
  var overrides: [String] = []
}

struct OutputOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Folder for the results; made if needed.", valueName: "folder"))
  var output: String

  @Flag(name: .long, help: "Show no progress; errors and the last figures only.")
  var quiet = false
}
