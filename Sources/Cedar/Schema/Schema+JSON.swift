extension Schema {
  /// Reads the JSON form of a schema.
  ///
  /// - Throws: ``CedarError`` as the initializer for bytes does.
  public init(json text: String) throws(CedarError) { try self.init(json: Array(text.utf8)) }

  /// Reads the JSON form of a schema, given as UTF-8 bytes.
  ///
  /// - Throws: ``CedarError`` – `.invalidJSON` for text that is not JSON, `.invalidSchema` when it
  ///   has another form or its declarations contradict each other, `.limitExceeded`,
  ///   `.invalidText`.
  public init(json bytes: [UInt8]) throws(CedarError) {
    try Schema.checkSize(bytes)
    let json = try JSONReader.read(bytes, allowsForeign: true)
    try self.init(try SchemaJSONReader.namespaces(json), lines: SourceLines())
  }
}
