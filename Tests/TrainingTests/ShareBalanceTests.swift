import Batches
import Testing
import Training

@Suite struct ShareBalanceTests {
  @Test func fasterRanksGetMore() {
    #expect(ShareBalance.better(than: nil, of: 16, seconds: [1, 2])?.counts == [11, 5])
    #expect(ShareBalance.better(than: RankShares(counts: [11, 5]), of: 16, seconds: [1, 2]) == nil)
    #expect(ShareBalance.better(than: RankShares(counts: [11, 5]), of: 16, seconds: [1, 1])?.counts == [8, 8])
  }

  @Test func whatSavesLittleIsChance() {
    // One of a hundred more for the faster one would save a fiftieth.
    #expect(ShareBalance.better(than: nil, of: 100, seconds: [1, 1.04]) == nil)
    #expect(ShareBalance.better(than: nil, of: 100, seconds: [1, 1.2]) != nil)
  }

  @Test(arguments: [[1, 0], [1, .nan], [1, .infinity]])
  func whereOneIsNotKnownSharesStay(seconds: [Double]) {
    #expect(ShareBalance.better(than: nil, of: 16, seconds: seconds) == nil)
  }

  @Test func noMoreMicrobatchesThanRanksCannotBeShared() {
    #expect(ShareBalance.better(than: nil, of: 2, seconds: [1, 9]) == nil)
    #expect(ShareBalance.better(than: RankShares(counts: [1, 2]), of: 3, seconds: [1, 9])?.counts == [2, 1])
  }
}
