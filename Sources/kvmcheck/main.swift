internal import Facts
internal import KVMCheckKit
internal import Reporting

let report = Report(toolVersion: "0.1.0", generatedAt: "", subjects: [HostCheck().run()])
print(TextReport().render(report), terminator: "")
