/// How a run is computed, and nothing of what it computes: the section `execution`.
public struct ExecutionConfiguration: Encodable, Equatable, Sendable {
  /// Threads per rank; nil means as many as `OMP_NUM_THREADS` says, or one per core given to the rank.
  public var threads: Int?
  /// What `threads` may be.
  public static let threadRange = 1...4096
  /// About the size of the pieces in which gradients are exchanged.
  public var bucketBytes: BucketBytes
  /// How far the exchange runs beside the backward pass.
  public var overlap: Overlap
  /// How gradients of several ranks are added.
  public var summation: Summation
  /// Which rank computes how many of a step's microbatches; nil for even shares.
  public var balance: Balance?
  /// Where the gradients lie that ranks of a host add up; nil for each rank's own memory.
  public var arenas: Arenas?
  /// Who multiplies numbers of bfloat16, where `precision` asks for them; nil for what suits the processor.
  public var bfloat16: BFloat16Products?
  /// How row-sparse gradients come together.
  public var tableExchange: TableExchange
  /// Microbatches read ahead; 0 reads each when it is needed, in the training thread.
  public var prefetch: Int
  /// Seconds for which a rank may be silent, or the whole job without progress, before it ends; nil for the watchdog's own.
  public var timeout: Int?
  /// Updates between two comparisons of all ranks' weights and optimisers' state; 0 for none, nil for the usual 1,000.
  public var compareEverySteps: Int?

  /// The size of a bucket of gradients.
  public enum BucketBytes: Encodable, Equatable, Sendable {
    /// About so many bytes.
    case bytes(Int)
    /// A few sizes are tried at the start, and the fastest is taken.
    case auto

    /// What is usual, 1 MiB.
    public static let usual = 1 << 20

    /// As many bytes, or the usual where it is left open.
    public var start: Int {
      if case .bytes(let bytes) = self { return bytes }
      return Self.usual
    }

    static let word = "auto"

    /// A number, or the word `auto`.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .bytes(let bytes): try container.encode(bytes)
      case .auto: try container.encode(Self.word)
      }
    }
  }

  /// The exchange's work while the backward pass runs. How much is hidden is measured, never assumed.
  public enum Overlap: String, Encodable, CaseIterable, Sendable {
    /// Nothing: all buckets start when the backward pass is over.
    case none
    /// Buckets start as they complete; whether bytes move before they are waited for is up to the MPI library.
    case start
    /// As `start`, and after every layer MPI is called once, since Open MPI moves bytes only inside its own calls.
    case progress
    /// `progress` where all ranks share a machine; elsewhere `progress` and `thread` are tried at the start, and the faster
    /// one is taken.
    case auto
    /// As `start`, and a thread beside the one that computes calls MPI every fifth of a millisecond.
    case thread
  }

  /// The numbers that are added up.
  public enum Summation: String, Encodable, CaseIterable, Sendable {
    /// Floats: another number of ranks adds them in another order, so results differ by rounding.
    case fast
    /// Multiples of a fixed quantum in doubles, which add up to the same bits in any order; twice the bytes.
    case reproducible
  }

  /// The ranks' shares of a step's microbatches.
  public enum Balance: String, Encodable, CaseIterable, Sendable {
    /// As many for each, to one.
    case even
    /// More for those that were faster lately.
    case measured
  }

  /// The arrays of gradients that are exchanged.
  public enum Arenas: String, Encodable, CaseIterable, Sendable {
    /// Each in its rank's memory: added up by messages.
    case `private`
    /// In memory that all ranks of a host see, and added up there, a slice by each rank; messages go between hosts only.
    case shared
  }

  /// What multiplies numbers of bfloat16.
  public enum BFloat16Products: String, Encodable, CaseIterable, Sendable {
    /// As the kind of processor suggests.
    case auto
    /// The processor's instructions for them.
    case native
    /// Those for floats, of floats that have been rounded.
    case rounded
  }

  /// How the ranks' row-sparse gradients come together.
  public enum TableExchange: String, Encodable, CaseIterable, Sendable {
    /// The cheaper of the two in each step, by the measured density and message costs; the same on every rank.
    case auto
    /// An all-reduce of whole tables.
    case dense
    /// An all-gather of touched rows, merged in rank order.
    case sparse
  }

  /// With a run file's defaults.
  public init(
    threads: Int? = nil, bucketBytes: BucketBytes = .bytes(BucketBytes.usual), overlap: Overlap = .auto,
    summation: Summation = .fast, balance: Balance? = nil, arenas: Arenas? = nil, bfloat16: BFloat16Products? = nil,
    tableExchange: TableExchange = .auto,
    prefetch: Int = 4, timeout: Int? = nil, compareEverySteps: Int? = nil
  ) {
    self.threads = threads
    self.bucketBytes = bucketBytes
    self.overlap = overlap
    self.summation = summation
    self.balance = balance
    self.arenas = arenas
    self.bfloat16 = bfloat16
    self.tableExchange = tableExchange
    self.prefetch = prefetch
    self.timeout = timeout
    self.compareEverySteps = compareEverySteps
  }
}

enum ExecutionKey: String, SectionKey {
  case threads, bucketBytes, overlap, summation, balance, arenas, bfloat16, tableExchange, prefetch, timeout,
    compareEverySteps
}

extension ExecutionConfiguration {
  init(_ section: Section<ExecutionKey>) throws {
    self.init()
    threads = try section.optional(.threads)?.whole(in: Self.threadRange)
    bucketBytes = try section[.bucketBytes].map(BucketBytes.init) ?? bucketBytes
    overlap = try section[.overlap]?.choice() ?? overlap
    summation = try section[.summation]?.choice() ?? summation
    let shares = try section.optional(.balance)?.choice(Balance.self)
    balance = shares == .even ? nil : shares
    let places = try section.optional(.arenas)?.choice(Arenas.self)
    arenas = places == .private ? nil : places
    let products = try section.optional(.bfloat16)?.choice(BFloat16Products.self)
    bfloat16 = products == .auto ? nil : products
    tableExchange = try section[.tableExchange]?.choice() ?? tableExchange
    prefetch = try section[.prefetch]?.whole(in: 0...1024) ?? prefetch
    timeout = try section.optional(.timeout)?.whole(in: 1...1_000_000)
    compareEverySteps = try section.optional(.compareEverySteps)?.whole(in: 0...1_000_000_000)
  }
}

extension ExecutionConfiguration.BucketBytes {
  fileprivate init(_ node: ConfigurationNode) throws {
    self = if case .scalar(Self.word, _) = node.content { .auto } else { .bytes(try node.whole(or: Self.word)) }
  }
}

extension RunConfiguration {
  /// Shares that follow ranks' speed are of microbatches that any rank may compute, each by itself.
  func requireEvenShares(_ section: Section<RunKey>) throws {
    guard execution.balance == .measured,
      let other = contrastive != nil ? "contrastive" : workers.map({ _ in "workers" })
    else { return }
    throw (section[.execution] ?? section.node).error(
      "execution.balance measured shares out the microbatches of a step, which '\(other)' has in an order of its own: remove one of the two"
    )
  }
}
