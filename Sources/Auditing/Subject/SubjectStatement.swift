public import Vault

/// The history of a person as the person is told it: purposes, dates and names of fields, no staff.
public struct SubjectStatement: Sendable {
  /// A language of the statement.
  public enum Language: String, Sendable, CaseIterable {
    /// English.
    case english = "en"
    /// Russian.
    case russian = "ru"
  }

  /// One line of the statement.
  public struct Line: Sendable {
    /// Day in UTC, `YYYY-MM-DD`.
    public let day: String
    /// What happened.
    public let event: String
    /// What people call the purpose; empty where the event has none.
    public let purpose: String
    /// Names of the fields that were shown.
    public let fields: [String]
  }

  /// What the statement is.
  public let title: String
  /// What it leaves out, and why.
  public let introduction: String
  /// The lines, oldest first.
  public let lines: [Line]
  /// What to say when there are no lines.
  public let nothing: String

  /// Makes the statement.
  ///
  /// - Parameters:
  ///   - history: The history of one person.
  ///   - policy: Knows what people call a purpose.
  ///   - language: Language of the statement.
  public init(_ history: LogHistory, policy: PolicyEngine, language: Language) {
    let words = SubjectWords.of(language)
    title = words.title
    introduction = words.introduction
    nothing = words.nothing
    lines = history.lookUps.map { lookUp in
      let isRefused = lookUp.decision == .deny
      return Line(
        day: CivilDate(day: CivilDate.day(ofMilliseconds: lookUp.milliseconds)).text,
        event: isRefused ? words.refused : words.events[lookUp.type] ?? words.other,
        purpose: lookUp.purpose.map {
          policy.title(ofPurpose: $0, language: language.rawValue)
        } ?? "",
        fields: lookUp.shownFields)
    }
  }
}

/// The words of a statement in one language.
private struct SubjectWords {
  let title: String
  let introduction: String
  let nothing: String
  let refused: String
  let other: String
  let events: [String: String]

  static func of(_ language: SubjectStatement.Language) -> SubjectWords {
    language == .russian ? russian : english
  }

  static let english = SubjectWords(
    title: "Who looked at your data",
    introduction:
      "Every access is written into a log before it happens. You see when, what for and which data; "
      + "the people who did it are not named.",
    nothing: "Nobody has looked at your data.",
    refused: "Access refused, nothing was shown", other: "Other event",
    events: [
      "person.found": "A search that found you", "field.disclosed": "Data shown",
      "access.packaged": "Copy prepared for you",
      "access.exported": "Sealed copy prepared for you", "token.issued": "Pseudonym issued",
      "fields.rectified": "Data corrected", "fields.erased": "Data erased",
      "consent.withdrawn": "Withdrawn consent recorded", "erasure.requested": "Erasure begun",
      "log.queried": "Log about you read", "log.sampled": "Log about you read",
      "log.examined": "Log about you read", "log.exported": "Log about you read",
    ])

  static let russian = SubjectWords(
    title: "Кто обращался к вашим данным",
    introduction:
      "Каждое обращение записывается в журнал до того, как произойдёт. Вы видите, когда, для чего и к "
      + "каким данным обращались; сотрудники не называются.",
    nothing: "К вашим данным никто не обращался.",
    refused: "В доступе отказано, ничего не показано", other: "Другое событие",
    events: [
      "person.found": "Поиск, в котором вас нашли", "field.disclosed": "Данные показаны",
      "access.packaged": "Подготовлена копия для вас",
      "access.exported": "Подготовлена запечатанная копия для вас",
      "token.issued": "Выдан псевдоним", "fields.rectified": "Данные исправлены",
      "fields.erased": "Данные уничтожены", "consent.withdrawn": "Записан отзыв согласия",
      "erasure.requested": "Начато уничтожение", "log.queried": "Прочитан журнал о вас",
      "log.sampled": "Прочитан журнал о вас", "log.examined": "Прочитан журнал о вас",
      "log.exported": "Прочитан журнал о вас",
    ])
}
