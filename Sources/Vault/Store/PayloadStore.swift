import Foundation
import GRDB

/// Reads and writes the sealed payloads of log entries; called inside a transaction of
/// `vault.sqlite`.
struct PayloadStore {
  let database: Database

  func insert(_ sequence: Int, subject: Int64, _ sealed: [UInt8]) throws {
    try database.cachedStatement(
      sql: "INSERT INTO audit_payload (seq, subject, sealed) VALUES (?, ?, ?)"
    ).execute(arguments: [sequence, subject, Data(sealed)])
  }

  func find(_ sequence: Int) throws -> (subject: Int64, sealed: [UInt8])? {
    try Row.fetchOne(
      database, sql: "SELECT subject, sealed FROM audit_payload WHERE seq = ?",
      arguments: [sequence]
    ).map { row in
      let sealed: Data = row["sealed"]
      return (row["subject"], [UInt8](sealed))
    }
  }

  func ofSubject(_ subject: Int64) throws -> [(sequence: Int, sealed: [UInt8])] {
    try Row.fetchAll(
      database, sql: "SELECT seq, sealed FROM audit_payload WHERE subject = ? ORDER BY seq",
      arguments: [subject]
    ).map { row in
      let sealed: Data = row["sealed"]
      return (row["seq"], [UInt8](sealed))
    }
  }

  func setSealed(_ sequence: Int, _ sealed: [UInt8]) throws {
    try database.execute(
      sql: "UPDATE audit_payload SET sealed = ? WHERE seq = ?",
      arguments: [Data(sealed), sequence])
  }

  func delete(subject: Int64) throws {
    try database.cachedStatement(sql: "DELETE FROM audit_payload WHERE subject = ?")
      .execute(arguments: [subject])
  }
}
