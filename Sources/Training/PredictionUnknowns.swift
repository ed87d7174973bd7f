import Batches
import Datasets
import MessagePassing

extension PredictionFacts {
  /// The columns of text that was scored in which many texts are unknown to the model, in words; nil where hardly any
  /// is. Collective. Throws `MPIError`.
  public static func unknownWords(_ dataset: any Dataset, _ communicator: Communicator) throws -> String? {
    guard let text = dataset as? ClickTextDataset else { return nil }
    let found = text.unknown
    var counts = [Int64(found.rows)] + found.unknown.map { Int64($0) }
    try communicator.allReduce(inPlace: counts.mutableSpan, .sum)
    let rows = Double(max(counts[0], 1))
    return UnknownIDs.words(zip(text.schema.fields, counts.dropFirst()).map { ($0.column, Double($1) / rows) })
  }
}
