import Batches
import Datasets
import MessagePassing

extension PredictionFacts {
  /// The columns of text that was scored in which many texts are unknown to the model, in words; nil where hardly any
  /// is. Collective. Throws `MPIError`.
  public static func unknownWords(_ dataset: any Dataset, _ communicator: Communicator) throws -> String? {
    guard let text = dataset as? ClickTextDataset else { return nil }
    var counts = text.unknown.flatMap { [Int64($0.unknown), Int64($0.of)] }
    try communicator.allReduce(inPlace: counts.mutableSpan, .sum)
    let shares = text.schema.fields.indices.map { Double(counts[2 * $0]) / Double(max(counts[2 * $0 + 1], 1)) }
    return UnknownIDs.words(zip(text.schema.fields, shares).map { ($0.column, $1) })
  }
}
