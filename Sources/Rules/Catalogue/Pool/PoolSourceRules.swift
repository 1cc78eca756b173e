internal import Facts

enum PoolSourceRules { static let all: [Rule<PoolDefinitionFacts>] = [] }
enum PoolTargetRules { static let all: [Rule<PoolDefinitionFacts>] = [] }
