import Buffers
import Testing

@Suite struct TensorTests {
  @Test func startsAtZeroOnACacheLine() {
    let tensor = Tensor(Shape(3, 5))
    #expect(tensor.values == Array(repeating: 0, count: 15))
    #expect(Int(bitPattern: tensor.pointer) % AlignedMemory.alignment == 0)
  }

  @Test func viewsShareTheirMemory() {
    let tensor = Tensor((0..<12).map(Float.init), shape: Shape(4, 3))
    #expect(tensor.rows(2).values == [0, 1, 2, 3, 4, 5])
    #expect(tensor.rows(2).shape == Shape(2, 3))
    #expect(tensor.slice(4..<7).values == [4, 5, 6])
    #expect(tensor.slice(4..<10).slice(1..<3).values == [5, 6])
    #expect(tensor.reshaped(Shape(2, 2, 3)).shape == Shape(2, 2, 3))
    tensor.slice(4..<7).fill(-1)
    #expect(tensor.values == [0, 1, 2, 3, -1, -1, -1, 7, 8, 9, 10, 11])
  }

  @Test func copiesValues() {
    let source = Tensor([1, 2, 3, 4], shape: Shape(4))
    let target = Tensor(Shape(2, 2))
    target.copy(from: source)
    source.fill(0)
    #expect(target.values == [1, 2, 3, 4])
  }

  @Test func keepsItsMemoryAlive() {
    var tensor: Tensor? = Tensor([1, 2, 3], shape: Shape(3))
    let view = tensor!.slice(1..<3)
    tensor = nil
    #expect(view.values == [2, 3])
  }

  @Test func borrowsMemoryThatSomeoneElseFrees() {
    final class Owner {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
      let onEnd: () -> Void
      init(onEnd: @escaping () -> Void) { self.onEnd = onEnd }
      deinit {
        memory.deallocate()
        onEnd()
      }
    }
    var isFreed = false
    var owner: Owner? = Owner { isFreed = true }
    var tensor: Tensor? = Tensor(
      memory: AlignedMemory(borrowing: owner!.memory, byteCount: 64, owner: owner!), offset: 8, shape: Shape(8))
    tensor?.fill(2)
    #expect(owner!.memory.load(fromByteOffset: 32, as: Float.self) == 2)
    owner = nil
    #expect(!isFreed)
    tensor = nil
    #expect(isFreed)
  }
}
