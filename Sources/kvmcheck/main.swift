internal import Facts
internal import KVMCheckKit
internal import Reporting

let report = Report(toolVersion: Version.current, generatedAt: "", subjects: [try HostCheck().run()])
print(TextReport().render(report), terminator: "")
