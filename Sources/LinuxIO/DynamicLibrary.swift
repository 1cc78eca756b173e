internal import Glibc

/// A shared library opened at run time, so that the tool which explains a missing library starts without it.
@safe public struct DynamicLibrary: ~Copyable {
    // SAFETY: only ever what dlopen(3) returned, and only ever given to dlsym(3).
    private let handle: UnsafeMutableRawPointer

    /// Opens a library by its soname. The corresponding C function is `dlopen`; nil where it is not installed.
    public init?(_ soname: String) {
        guard let handle = unsafe dlopen(soname, RTLD_LAZY | RTLD_LOCAL) else { return nil }
        unsafe self.handle = unsafe handle
    }

    /// The address of a function. The corresponding C function is `dlsym`; nil where the library has none.
    ///
    /// The library stays loaded for the life of the process, so the function stays valid.
    ///
    /// - Parameter type: The C function type, as the library's header declares it.
    public func function<Function>(_ name: String, as type: Function.Type) -> Function? {
        guard let symbol = unsafe dlsym(handle, name) else { return nil }
        // SAFETY: the caller names the type that the library's own header declares for this symbol.
        return unsafe unsafeBitCast(symbol, to: type)
    }
}
