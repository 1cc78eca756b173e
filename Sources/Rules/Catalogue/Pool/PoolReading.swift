internal import Evidence
internal import Facts
internal import LibvirtXML

extension StoragePool {
    /// The folder in which volumes are files; nil of types whose volumes are none.
    var folder: String? {
        switch type.value?.known {
        case .dir, .fs, .netfs, .vstorage: target.path.value
        default: nil
        }
    }

    /// The path without a `/` at its end, as the kernel's tables have it.
    static func trimmed(_ path: String) -> String {
        path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}

extension PoolDefinitionFacts {
    /// The name as a word of a shell.
    var nameWord: String { (definition.effectiveName ?? "POOL").shellWord }

    /// An example: a pool of a type with a source, in the place of the sample.
    static func example(
        _ type: String, _ source: String, rest: String = "<target><path>/dev/disk/by-path</path></target>",
        site: @escaping @Sendable (inout PoolHostFacts) -> Void = { _ in }
    ) -> @Sendable (inout PoolDefinitionFacts) -> Void {
        { subject in
            subject.replace(xml: "<pool type='\(type)'><name>a</name><source>\(source)</source>\(rest)</pool>")
            site(&subject.site)
        }
    }
}
