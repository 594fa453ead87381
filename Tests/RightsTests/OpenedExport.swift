import Foundation
import Sealing
import TestSupport
import Testing

/// A sealed export as a reader finds it, opened with what is in it and nothing else.
struct OpenedExport: Decodable {
  struct Subject: Decodable {
    let id: Hex
    let generation: UInt16
    let source: String
  }
  struct Key: Decodable {
    let subject: Hex
    let bucket: UInt32
    let fk: Hex
  }
  struct Record: Decodable {
    let source: String
    let subject: Hex
    let table: UInt16
    let row: UInt64
    let bucket: UInt32
    let fields: [Field]
  }
  struct Field: Decodable {
    let number: UInt16
    let name: String
    let envelope: Data
  }
  let format: Int
  let vault: Hex
  let reference: String
  let subjects: [Subject]
  let keys: [Key]
  let records: [Record]

  enum CodingKeys: String, CodingKey {
    case vault, reference, subjects, keys, records
    case format = "lethe_sealed_export"
  }

  /// Every value by `source.field`.
  func values() throws -> [String: [String]] {
    var values: [String: [String]] = [:]
    for record in records {
      let key = try #require(
        keys.first { $0.subject == record.subject && $0.bucket == record.bucket })
      let subject = try #require(subjects.first { $0.id == record.subject })
      for field in record.fields {
        let header = [UInt8](field.envelope.prefix(8))
        #expect(header == [1, 1] + bytes(subject.generation) + bytes(record.bucket))
        values["\(record.source).\(field.name)", default: []]
          .append(try value(of: field, record, key.fk))
      }
    }
    return values
  }

  /// Opens an envelope by the letter of the format: 8 bytes of header, 12 of nonce.
  func value(of field: Field, _ record: Record, _ key: Hex) throws -> String {
    let envelope = [UInt8](field.envelope)
    let place = vault.bytes + record.subject.bytes + bytes(record.table) + bytes(field.number)
    let padded = try AES256GCM.open(
      Array(envelope[20...]), key: SecretBytes(copying: key.bytes), nonce: Array(envelope[8..<20]),
      associatedData: Array("LTHF".utf8) + [1] + place + bytes(record.row) + envelope[..<8]
    ).plaintextCopy()
    let count = Int(padded[0]) << 8 | Int(padded[1])
    return String(decoding: padded[2..<(2 + count)], as: UTF8.self)
  }

  private func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    stride(from: number.bitWidth - 8, through: 0, by: -8).map {
      UInt8(truncatingIfNeeded: number >> $0)
    }
  }
}
