import Files
import Foundation
import Mustache

/// A report's folder.
enum ReportFiles {
  /// Writes each file completely or not at all, pictures in a folder of their own.
  ///
  /// - Returns: what was written, in this order, pictures last.
  /// - Throws: `FileError` where the folder cannot be written.
  static func write(_ texts: [(name: String, text: String)], _ figures: [Figure], to folder: String) throws -> [String]
  {
    let pictures = figures.flatMap { figure in figure.panels.enumerated().map { (figure.path($0.offset), $0.element) } }
    func path(_ file: String) -> String { (folder as NSString).appendingPathComponent(file) }
    _ = try OutputFolder(folder)
    if !figures.isEmpty { _ = try OutputFolder(path("figures")) }
    for (file, text) in texts + pictures { try AtomicFile.write(Data(text.utf8), to: path(file)) }
    return (texts + pictures).map { path($0.0) }
  }
}

/// The page of a report.
enum ReportPage {
  /// Throws the template's error, which the template that is built in does not give.
  static func html(_ model: [String: Any]) throws -> String {
    MustacheContentTypes.register(Markup.Content(), named: Markup.Content.name)
    let parts = try reportPartials.mapValues { try MustacheTemplate(string: $0) }
    return try MustacheTemplate(string: reportTemplate).render(model, library: MustacheLibrary(templates: parts))
  }
}
