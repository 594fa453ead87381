public import Foundation
import Sealing

/// Reads the vector files that are committed beside the tests.
public enum VectorFile {
  /// Reads `Vectors/NAME` of the folder that the calling test lies in.
  public static func load<Content: Decodable>(
    _ type: Content.Type = Content.self, _ name: String, filePath: String = #filePath
  ) throws -> Content {
    let folder = URL(fileURLWithPath: filePath).deletingLastPathComponent()
    return try decode(type, at: folder.appendingPathComponent("Vectors/\(name)"))
  }

  /// Reads and decodes one JSON file.
  public static func decode<Content: Decodable>(_ type: Content.Type, at place: URL) throws
    -> Content
  {
    try JSONDecoder().decode(type, from: Data(contentsOf: place))
  }
}

/// A list of cases with the document they were taken from.
public struct Vectors<Case: Decodable & Sendable>: Decodable, Sendable {
  /// The document.
  public let source: String
  /// The cases.
  public let cases: [Case]
}

/// Bytes written in hexadecimal.
public struct Hex: Decodable, Hashable, Sendable {
  /// The bytes.
  public let bytes: [UInt8]

  /// Wraps bytes.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads a string of hexadecimal digits; anything else is an error of the file.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let bytes = [UInt8](hexadecimal: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not hexadecimal: \(text.prefix(20))")
    }
    self.bytes = bytes
  }
}
