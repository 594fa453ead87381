/// Holds the declarations of one namespace as written, in text or JSON; the name is empty for
/// declarations outside any.
struct NamespaceSyntax {
  let name: CedarString
  var commonTypes: [CommonTypeSyntax] = []
  var entities: [EntityTypeSyntax] = []
  var actions: [ActionSyntax] = []
}

/// Says where a declaration or a name stands.
enum SchemaPlace {
  /// The byte offset in text.
  case offset(Int)
  /// The names on the way to it in JSON.
  case path([CedarString])
}

/// Holds `type N = …;`.
struct CommonTypeSyntax {
  let name: CedarString
  let type: TypeSyntax
  let place: SchemaPlace
}

/// Holds one name of an `entity` declaration.
struct EntityTypeSyntax {
  let name: CedarString
  var parents: [TypeReference] = []
  /// The attributes; JSON may refer to a common type here.
  var shape = TypeSyntax.record([])
  var tags: TypeSyntax?
  var enumeration: [CedarString]?
  let place: SchemaPlace
}

/// Holds one name of an `action` declaration.
struct ActionSyntax {
  let name: CedarString
  var parents: [ActionReferenceSyntax] = []
  var appliesTo = AppliesToSyntax()
  let place: SchemaPlace
}

/// Holds the name of an action with the type it was written with, if any.
struct ActionReferenceSyntax {
  let type: EntityTypeName?
  let id: CedarString
  let place: SchemaPlace
}

/// Holds `appliesTo { … }`.
struct AppliesToSyntax {
  var principals: [TypeReference]?
  var resources: [TypeReference]?
  var context: TypeSyntax?
}

/// Holds one attribute of a record.
struct AttributeSyntax {
  let name: CedarString
  let isRequired: Bool
  let type: TypeSyntax
}

/// Holds the name of a type where it is used.
struct TypeReference {
  /// Says what a name may stand for; text leaves it open, JSON may not.
  enum Kind {
    case any, common, entity
  }

  let path: EntityTypeName
  var kind = Kind.any
  let place: SchemaPlace
}

/// Holds a type as written.
indirect enum TypeSyntax {
  case named(TypeReference)
  /// A type that JSON names in a way no declaration can change.
  case builtIn(SchemaType)
  case set(TypeSyntax)
  case record([AttributeSyntax])
}
