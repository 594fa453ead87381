/// Maps attribute names to values, kept sorted by name.
///
/// Records are small, so a sorted array with binary search is faster than hashing and gives one
/// order for equality, hashing and output.
public struct CedarRecord: Sendable {
  /// One attribute.
  public struct Element: Hashable, Sendable {
    /// The attribute name.
    public let key: CedarString
    /// The attribute value.
    public let value: CedarValue
  }

  /// The attributes in the byte order of their names.
  public private(set) var elements: [Element]

  /// Creates an empty record.
  public init() { elements = [] }

  /// Creates a record from pairs, in any order.
  ///
  /// - Returns: nil when a key occurs twice.
  public init?(_ pairs: some Sequence<(CedarString, CedarValue)>) {
    let sorted = pairs.map { Element(key: $0.0, value: $0.1) }.sorted { $0.key < $1.key }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.key == right.key { return nil }
    elements = sorted
  }

  /// Creates a record from pairs whose keys the caller knows to be unique.
  init(uniqueElements pairs: [(CedarString, CedarValue)]) {
    guard let record = CedarRecord(pairs) else {
      preconditionFailure("a record literal must not repeat a key")
    }
    self = record
  }

  /// The number of attributes.
  public var count: Int { elements.count }

  /// Tells whether there are no attributes.
  public var isEmpty: Bool { elements.isEmpty }

  /// Reads or sets an attribute; setting nil removes it.
  ///
  /// - Complexity: O(log n) to read, O(n) to set.
  public subscript(key: CedarString) -> CedarValue? {
    get {
      let index = position(of: key)
      guard index < elements.count, elements[index].key == key else { return nil }
      return elements[index].value
    }
    set {
      let index = position(of: key)
      if index < elements.count, elements[index].key == key { elements.remove(at: index) }
      if let newValue { elements.insert(Element(key: key, value: newValue), at: index) }
    }
  }

  private func position(of key: CedarString) -> Int {
    var low = 0
    var high = elements.count
    while low < high {
      let middle = (low + high) / 2
      if elements[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension CedarRecord: Hashable {}

extension CedarRecord: ExpressibleByDictionaryLiteral {
  /// Creates a record; a key given twice is a programmer error.
  public init(dictionaryLiteral elements: (CedarString, CedarValue)...) {
    self.init(uniqueElements: elements)
  }
}
