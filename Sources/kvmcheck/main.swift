internal import Glibc

Output.prepare()
exit(Tool.run(Array(CommandLine.arguments.dropFirst())))
