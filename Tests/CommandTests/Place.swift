import Testing
@Suite struct Empty { @Test func none() {} }
