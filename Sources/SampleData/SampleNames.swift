/// Holds a name as its owner writes it and as a form without diacritics would.
struct SampleName: Sendable {
  let written: String
  let latin: String
}

/// Lists common given names and surnames by language; none belongs to a known person.
struct SampleNames: Sendable {
  let female: [SampleName]
  let male: [SampleName]
  let last: [SampleName]

  static func names(of language: SampleLanguage) -> SampleNames {
    switch language {
    case .german: german
    case .english: english
    case .french: french
    case .russian: russian
    case .bulgarian: bulgarian
    }
  }

  /// Reads a list separated by spaces; `Jörg=Joerg` gives both forms, `_` stands for a space.
  private init(female: String, male: String, last: String) {
    self.female = Self.parse(female)
    self.male = Self.parse(male)
    self.last = Self.parse(last)
  }

  private static func parse(_ list: String) -> [SampleName] {
    list.split { $0 == " " || $0 == "\n" }.map { entry in
      let forms = entry.split(separator: "=").map { form in
        String(form.map { $0 == "_" ? " " : $0 })
      }
      return SampleName(written: forms[0], latin: forms[forms.count - 1])
    }
  }

  private static let german = SampleNames(
    female: """
      Anna Lena Katharina Sabine Ursula Monika Petra Julia Claudia Birgit Käthe=Kaethe
      Bärbel=Baerbel Jördis=Joerdis Zoë=Zoe Emma Mia Hannah Lea Marie Sophie Greta Frieda Ida Nele
      Ayşe=Ayse Elif
      """,
    male: """
      Jürgen=Juergen Jörg=Joerg Günther=Guenther Björn=Bjoern Thomas Michael Andreas Stefan Klaus
      Uwe Paul Leon Finn Jonas Elias Emil Anton Matthias Sören=Soeren Lukas Felix Mehmet Emre
      René=Rene
      """,
    last: """
      Müller=Mueller Schmidt Schneider Fischer Weber Meyer Maier Wagner Becker Schulz Hoffmann
      Schäfer=Schaefer Koch Bauer Richter Klein Wolf Schröder=Schroeder Neumann Schwarz Zimmermann
      Krüger=Krueger Hartmann Lange Werner Krause Köhler=Koehler Jäger=Jaeger Groß=Gross
      Möller=Moeller Weiß=Weiss Jung Hahn Vogel Friedrich Günther=Guenther Keller Berger Böhm=Boehm
      Yılmaz=Yilmaz Öztürk=Oeztuerk von_der_Heide Schmidt-Lindner Nowak Kowalski Peters Lorenz
      Seidel Brandt Busch
      """)

  private static let english = SampleNames(
    female: """
      Olivia Amelia Emily Sophie Grace Charlotte Alice Florence Chloe Zara Priya Siobhan Margaret
      Elizabeth Susan Linda Patricia Aisha Hannah Ruby Eleanor Jean Beth
      """,
    male: """
      Oliver George Harry Jack Noah Arthur Muhammad Thomas James William David Richard Alan Keith
      Graham Owen Rhys Callum Ravi Daniel Samuel Benjamin Henry
      """,
    last: """
      Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans
      Walker White Roberts Green Hall Wood Jackson Clarke O'Brien O'Connor Khan Hughes Edwards Lewis
      Harris Cooper King Baker Begum Ward Martin Morris Bell Murphy Bailey Singh Ali Campbell
      Stewart
      """)

  private static let french = SampleNames(
    female: """
      Zoé=Zoe Chloé=Chloe Léa=Lea Inès=Ines Françoise=Francoise Hélène=Helene Camille Manon Jeanne
      Nathalie Sylvie Amélie=Amelie Noémie=Noemie Agathe Louise
      """,
    male: """
      François=Francois Jérôme=Jerome Rémi=Remi Loïc=Loic Benoît=Benoit Hugo Louis Gabriel
      Raphaël=Raphael Jules Mathis Antoine Théo=Theo Pierre Jean-Luc
      """,
    last: """
      Martin Bernard Dubois Thomas Robert Petit Durand Leroy Moreau Lefèvre=Lefevre Mercier Garnier
      Legrand Rousseau Blanc Guérin=Guerin Boyer Fontaine Chevalier Gauthier Perrin
      Lemaître=Lemaitre Benoît=Benoit Renée=Renee Ségal=Segal D'Aubigné=D'Aubigne
      """)

  private static let russian = SampleNames(
    female: """
      Анна=Anna Мария=Maria Екатерина=Ekaterina Ольга=Olga Наталья=Natalia Ирина=Irina Софья=Sofia
      Людмила=Ljudmila Юлия=Julia Жанна=Zhanna
      """,
    male: """
      Алексей=Alexei Дмитрий=Dmitry Сергей=Sergey Иван=Ivan Михаил=Mikhail Андрей=Andrei Юрий=Yuri
      Пётр=Pyotr Фёдор=Fyodor Евгений=Evgeny
      """,
    last: """
      Шевченко=Shevchenko Литвиненко=Litvinenko Бондаренко=Bondarenko Коваленко=Kovalenko
      Мельник=Melnik Кравченко=Kravchenko Гончар=Gonchar Черных=Chernykh Седых=Sedykh
      Дурново=Durnovo Шульц=Schulz Вайс=Weiss Миллер=Miller Кох=Koch Гросс=Gross
      """)

  private static let bulgarian = SampleNames(
    female: """
      Мария=Maria Иванка=Ivanka Елена=Elena Йорданка=Yordanka Виктория=Viktoria Десислава=Desislava
      """,
    male: """
      Георги=Georgi Иван=Ivan Димитър=Dimitar Николай=Nikolay Петър=Petar Христо=Hristo
      """,
    last: """
      Карабаш=Karabash Куцар=Kutsar Бояджи=Boyadzhi Терзи=Terzi Касап=Kasap Абаджи=Abadzhi
      Калчо=Kalcho Велчо=Velcho
      """)
}

/// Names the languages of the people in the sample.
enum SampleLanguage: String, Sendable {
  case german = "de"
  case english = "en"
  case french = "fr"
  case russian = "ru"
  case bulgarian = "bg"
}
