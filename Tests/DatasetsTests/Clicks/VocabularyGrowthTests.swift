import Configuration
import Datasets
import Testing

@Suite struct VocabularyGrowthTests {
  private func schema(_ site: [String], _ user: [String]) -> ClickSchema {
    let fields: [ClickSchema.IDColumn] = [
      .init(column: "hour", encoding: .hash(buckets: 3)),
      .init(column: "site", encoding: .vocabulary(minimumCount: 1, texts: site)),
      .init(column: "user", encoding: .vocabulary(minimumCount: 1, texts: user)),
    ]
    return ClickSchema(name: "a", label: .init(column: "y"), dense: [], fields: fields)
  }

  @Test func joinedVocabulariesHoldBothInTheOrderOfBytes() throws {
    let joined = schema(["b", "d", "é"], ["x"]).joined(with: schema(["", "b", "c", "z"], ["x"]))
    #expect(joined == schema(["", "b", "c", "d", "z", "é"], ["x"]))
  }

  /// Rows 0 to 2 are hours, then unknown sites and sites, then unknown users and users.
  @Test func knownTextsHaveTheirRowsWhereTheyAreNow() throws {
    let growth = try VocabularyGrowth(from: schema(["b", "d"], ["x"]), to: schema(["a", "b", "c", "d"], ["x"]))
    #expect(growth.rows == [0, 1, 2, 3, 5, 7, 8, 9])
    #expect(growth.fields.map(\.column) == ["site"] && growth.fields[0].new == 2 && growth.fields[0].all == 4)
    #expect(growth.words == "2 of the 4 texts of 'site'")
    #expect(try VocabularyGrowth(from: schema(["b"], []), to: schema(["b"], [])).fields.isEmpty)
  }

  /// A field with several values has a last row for none, which moves too: rows of later fields follow it.
  @Test func theRowOfNoValueStaysTheLast() throws {
    func films(_ genres: [String]) -> ClickSchema {
      var films = schema(genres, ["x"])
      films.fields[1].values = ClickValues(separator: "|", atMost: 2, pooling: .mean)
      return films
    }
    // Hours 0 to 2; unknown, b, none; unknown, x. Then unknown, a, b, none.
    let growth = try VocabularyGrowth(from: films(["b"]), to: films(["a", "b"]))
    #expect(growth.rows == [0, 1, 2, 3, 5, 6, 7, 8])
    #expect(growth.rows.count == films(["b"]).idFields.rows)
  }

  @Test func aTextThatIsLostIsNamed() throws {
    let error = try #require(throws: DatasetError.self) {
      _ = try VocabularyGrowth(from: schema(["b", "d"], []), to: schema(["a", "b", "c"], []))
    }
    #expect("\(error)".contains("'site' lacks texts that the model knows, such as 'd'"))
  }
}
