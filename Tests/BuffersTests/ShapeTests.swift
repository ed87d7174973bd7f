import Buffers
import Foundation
import Testing

@Suite struct ShapeTests {
  @Test func countsItsElements() {
    #expect(Shape().count == 1)
    #expect(Shape(7).count == 7)
    #expect(Shape(2, 3, 4, 5).count == 120)
    #expect(Shape(2, 0, 4).count == 0)
  }

  @Test func batchingAddsAFirstDimension() {
    let image = Shape(28, 28, 1)
    #expect(image.batched(12).dimensions == [12, 28, 28, 1])
    #expect(image.batched(12).perSample == image)
    #expect(image.batched(12).withRows(5) == image.batched(5))
    #expect(Shape().batched(3) == Shape(3))
    #expect(Shape(3).perSample == Shape())
  }

  @Test func rankIsPartOfIdentity() {
    #expect(Shape(3) != Shape(3, 1))
    #expect(Set([Shape(3), Shape(3, 1), Shape(3)]).count == 2)
  }

  @Test func roundTripsThroughJSON() throws {
    for shape in [Shape(), Shape(4), Shape(1, 2, 3, 4)] {
      #expect(try JSONDecoder().decode([Int].self, from: JSONEncoder().encode(shape)) == shape.dimensions)
    }
    #expect(try String(decoding: JSONEncoder().encode(Shape(2, 3)), as: UTF8.self) == "[2,3]")
    #expect("\(Shape(2, 3))" == "[2, 3]")
  }
}
