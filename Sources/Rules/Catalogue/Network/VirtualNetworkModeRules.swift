internal import Facts

enum VirtualNetworkModeRules { static let all: [Rule<NetworkDefinitionFacts>] = [] }
enum VirtualNetworkAddressRules { static let all: [Rule<NetworkDefinitionFacts>] = [] }
enum VirtualNetworkHostRules { static let all: [Rule<NetworkDefinitionFacts>] = [] }
