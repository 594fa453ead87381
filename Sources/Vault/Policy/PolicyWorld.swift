internal import Cedar

/// The entities decisions are made about: types of the schema, and what the files say exists.
struct PolicyWorld: Sendable {
  static let operatorType: EntityTypeName = "Operator"
  static let roleType: EntityTypeName = "Role"
  static let purposeType: EntityTypeName = "Purpose"
  static let categoryType: EntityTypeName = "Category"
  static let sourceType: EntityTypeName = "Source"
  static let fieldType: EntityTypeName = "Field"
  static let actionType: EntityTypeName = "Action"
  /// The vault as a whole, which operations are done to.
  static let vault = EntityUID(type: "Vault", id: "this")

  /// The schema every request is checked against.
  let schema: Schema
  /// Actions, operators with their roles, purposes with their parents.
  let store: EntityStore

  /// Reads the schema; it must declare every action the vault asks about.
  static func schema(_ bytes: [UInt8]) throws -> Schema {
    let schema: Schema
    do {
      schema = try Schema(parsing: bytes)
    } catch {
      throw VaultError(.policyFile, error.oneLine(in: PolicyFiles.schemaName))
    }
    let declared = Set(schema.actionUIDs)
    for uid in Rung.allCases.map(\.action) + Operation.allCases.map(\.action)
    where !declared.contains(uid) {
      throw VaultError(
        .policyFile,
        "\(PolicyFiles.schemaName): the action `\(uid.id)` is missing; declare it as the default "
          + "schema does")
    }
    return schema
  }

  /// Builds the entities that do not change between requests.
  init(schema: Schema, operators: OperatorDirectory, purposes: PurposeTree) throws {
    var entities = purposes.keys.map { key in
      Entity(
        EntityUID(type: Self.purposeType, id: key),
        parents: Self.parents(of: key, type: Self.purposeType))
    }
    for (name, roles) in operators.operators {
      entities.append(
        Entity(
          EntityUID(type: Self.operatorType, id: name),
          parents: Set(roles.map { EntityUID(type: Self.roleType, id: $0) })))
    }
    do {
      store = try EntityStore(entities: entities, schema: schema)
    } catch {
      throw VaultError(.policyFile, error.oneLine(in: PolicyFiles.schemaName))
    }
    self.schema = schema
  }

  /// The store with a field, its source and its categories.
  ///
  /// - Throws: ``CedarError`` when the field does not conform to the schema.
  func store(with field: FieldResource) throws -> EntityStore {
    let entity = Entity(
      field.uid,
      attributes: [
        "purposes": .entities(
          field.purposes.map { EntityUID(type: Self.purposeType, id: $0) }),
        "legalBasis": .string(field.legalBasis),
        "special": .bool(field.isSpecial),
      ],
      parents: [
        EntityUID(type: Self.categoryType, id: field.category),
        EntityUID(type: Self.sourceType, id: field.source),
      ])
    try schema.validate(entity)
    let categories = DottedKey.chain(from: field.category).map { key in
      Entity(
        EntityUID(type: Self.categoryType, id: key),
        parents: Self.parents(of: key, type: Self.categoryType))
    }
    return try store.adding(categories + [entity])
  }

  /// The entity above a dotted key, if there is one.
  private static func parents(of key: String, type: EntityTypeName) -> Set<EntityUID> {
    guard let parent = DottedKey.parent(of: key) else { return [] }
    return [EntityUID(type: type, id: parent)]
  }

  /// Whether the schema lists a role.
  static func isRole(_ name: String, in schema: Schema) -> Bool {
    do {
      try schema.validate(Entity(EntityUID(type: roleType, id: name)))
      return true
    } catch {
      return false
    }
  }
}

extension FieldResource {
  /// The field as a Cedar entity; source and field names have no dots.
  var uid: EntityUID { EntityUID(type: PolicyWorld.fieldType, id: "\(source).\(field)") }
}

extension Rung {
  /// The Cedar action that asks for the rung.
  var action: EntityUID {
    let id =
      switch self {
      case .existence: "readExistence"
      case .tokenised: "readTokenised"
      case .generalised: "readGeneralised"
      case .masked: "readMasked"
      case .plain: "readPlain"
      }
    return EntityUID(type: PolicyWorld.actionType, id: id)
  }
}

extension Operation {
  /// The Cedar action of the operation.
  var action: EntityUID { EntityUID(type: PolicyWorld.actionType, id: rawValue) }
}

extension DecisionContext {
  /// The context of a Cedar request.
  var record: CedarRecord {
    var record: CedarRecord = [
      "purpose": .entity(EntityUID(type: PolicyWorld.purposeType, id: purpose)),
      "now": .datetime(CedarDateTime(milliseconds: now)),
      "restricted": .bool(isRestricted),
      "erased": .bool(isErased),
    ]
    record["legalBasis"] = legalBasis.map { .string($0) }
    record["caseReference"] = caseReference.map { .string($0) }
    return record
  }
}
