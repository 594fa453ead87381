public import Keyring
internal import Sealing

/// Puts a vault's slot, copies and unseal key together from its settings.
enum VaultKeys {
  /// Epochs that can rest in the slot of a vault with a grace window.
  static let restingCount = FileEpochSlot.maximumRestingCount

  /// Makes the slot of a new vault with all its custodians.
  static func createSlot(
    _ settings: VaultSettings, _ id: VaultID, _ environment: VaultEnvironment
  ) throws -> any EpochSlot {
    try slot(settings, id, environment) { path in
      try FileEpochSlot.create(
        at: path, vault: id, restingCount: settings.keeping.graceDays > 0 ? restingCount : 0,
        acceptsWeakPlace: settings.acceptsWeakSlot, random: environment.random)
    }
  }

  /// Opens the slot of a vault.
  static func openSlot(
    _ settings: VaultSettings, _ id: VaultID, _ environment: VaultEnvironment
  ) throws -> any EpochSlot {
    try slot(settings, id, environment) { path in
      try FileEpochSlot.open(at: path, vault: id, random: environment.random)
    }
  }

  private static func slot(
    _ settings: VaultSettings, _ id: VaultID, _ environment: VaultEnvironment,
    file: (String) throws -> FileEpochSlot
  ) throws -> any EpochSlot {
    let members = try settings.slotPlaces.map { place -> any EpochSlot in
      switch place {
      case .file(let path): try file(path)
      case .token(let address):
        try PKCS11EpochSlot(
          token: environment.token(try PKCS11URI(address)), vault: id,
          random: environment.random)
      case .command(let words):
        // The program and its first word, such as a host, stand in certificates; options do not.
        try CommandEpochSlot(
          command: words, name: words.prefix(2).joined(separator: " "), vault: id)
      }
    }
    return members.count == 1 ? members[0] : MirroredEpochSlot(members)
  }
}

extension VaultEnvironment {
  /// A token whose PIN comes from its PIN file, or from outside.
  public func token(_ address: PKCS11URI) -> PKCS11Token {
    let pin = pin
    return PKCS11Token(address) {
      if let path = address.pinPath { return try PKCS11PIN.file(at: path, outside: "") }
      return try pin(address.tokenName)
    }
  }
}
