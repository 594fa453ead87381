internal import Sealing

/// One of the four kinds of keys that hang below the root, each in a tree of its own.
public enum Subtree: UInt8, CaseIterable, Sendable {
  /// Subject keys CK.
  case subjects = 0
  /// Bucket keys BK.
  case buckets = 1
  /// Domain keys DK.
  case domains = 2
  /// Keys of the match index.
  case indexKeys = 3

  /// Slot of the root node that holds the key of this tree's top node.
  var rootSlot: Int { Int(rawValue) }
}

/// Names of the root slots that hold single keys instead of subtrees.
enum RootSlot {
  static let suppression = 4
  static let ledger = 5
  static let exportSigning = 6
  static let logSigning = 7
}

/// Places a node in the tree: its level byte and its index within the level.
///
/// The level byte is the subtree's number in the high half and the height above the leaf nodes
/// in the low half, so that a tree grows upwards without renaming a node. The root is `0x7F`.
struct NodeAddress: Hashable, Sendable {
  /// Child keys of one node.
  static let fanOut = 64
  static let fanOutBits = 6
  /// Greatest height of a tree: 64^8 leaves, far above what SQLite's file can hold.
  static let maximumHeight: UInt8 = 7
  /// Leaves a tree can ever have.
  static let maximumLeafCount = Int64(1) << (Int64(fanOutBits) * (Int64(maximumHeight) + 1))
  static let root = NodeAddress(level: 0x7F, index: 0)

  let level: UInt8
  let index: UInt64

  /// Row id: the level above 56 bits of index.
  var id: Int64 { Int64(level) << 56 | Int64(index) }
  /// Height above the leaf nodes; meaningless for the root.
  var height: UInt8 { level & 0x0F }

  private init(level: UInt8, index: UInt64) {
    self.level = level
    self.index = index
  }

  /// Addresses the node at `height` above which `leaf` hangs.
  init(_ subtree: Subtree, height: UInt8, above leaf: Int64) {
    level = subtree.rawValue << 4 | height
    index = Self.shifted(leaf, by: height + 1)
  }

  /// Slot of this node on the way to `leaf`.
  func slot(toward leaf: Int64) -> Int {
    Int(Self.shifted(leaf, by: height)) & (Self.fanOut - 1)
  }

  /// The child on the way to `leaf`; nil at the leaf nodes.
  func child(toward leaf: Int64) -> NodeAddress? {
    guard height > 0 else { return nil }
    return NodeAddress(level: level - 1, index: Self.shifted(leaf, by: height))
  }

  /// Height of the top node of a tree that has room for `leafCount` leaves.
  static func topHeight(leafCount: Int64) -> UInt8 {
    var height: UInt8 = 0
    let last = max(leafCount, 1) - 1
    while height < maximumHeight, shifted(last, by: height + 1) > 0 { height += 1 }
    return height
  }

  /// The leaf's number without the digits below a height.
  ///
  /// A masking shift, since the plain one is a generic call at every step of every path; its count
  /// stays below 64 at every height there is.
  private static func shifted(_ leaf: Int64, by heights: UInt8) -> UInt64 {
    UInt64(bitPattern: leaf) &>> UInt64(fanOutBits &* Int(heights))
  }
}

extension NodeAddress: CustomStringConvertible {
  /// Level and index in the form used by messages.
  var description: String { "\([level].hexadecimal)/\(index)" }
}
