// Loads every file named on standard input, one path a line, and reads every value of its typed view, as often as the first
// argument says: what `xml.py` measures against `xmllint --noout`. With a second argument, `tree`, no view is read.
import Glibc
import LibvirtXML

func contents(_ path: String) -> [UInt8] {
    guard let file = unsafe fopen(path, "r") else { return [] }
    defer { unsafe fclose(file) }
    guard unsafe fseek(file, 0, SEEK_END) == 0 else { return [] }
    let size = unsafe ftell(file)
    unsafe rewind(file)
    return unsafe [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
        count = unsafe fread(buffer.baseAddress, 1, buffer.count, file)
    }
}

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
var paths: [String] = []
while let path = readLine() { paths.append(path) }
let readsViews = CommandLine.arguments.dropFirst(2).first != "tree"
var (loaded, refused, values) = (0, 0, 0)
for _ in 0..<rounds {
    for path in paths {
        do {
            let document = try XMLDocument(parsing: contents(path), name: path)
            loaded += 1
            if readsViews { LibvirtObject(document).view?.visitFields { if $0.malformed == nil { values += 1 } } }
        } catch {
            refused += 1
        }
    }
}
print("\(loaded) loaded, \(refused) refused, \(values) values read")
