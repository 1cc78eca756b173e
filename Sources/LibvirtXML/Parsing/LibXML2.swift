internal import CLibXML2
internal import LinuxIO

/// The functions of libxml2 that kvmcheck calls, found at run time.
///
/// The library is opened when the first document is read and not before: it brings ICU, which would cost `kvmcheck host`
/// more than all of its probes.
@safe struct LibXML2: Sendable {
    typealias Pointer = OpaquePointer
    typealias Parser = UnsafeMutablePointer<kvmcheck_xml_parser>
    typealias CreateParser = @Sendable @convention(c) (UnsafePointer<CChar>?, Int32) -> Parser?
    typealias OnParser = @Sendable @convention(c) (Parser?, Int32) -> Int32
    typealias ParseDocument = @Sendable @convention(c) (Parser?) -> Int32
    typealias FreeParser = @Sendable @convention(c) (Parser?) -> Void
    typealias DetectEncoding = @Sendable @convention(c) (UnsafePointer<UInt8>?, Int32) -> Int32
    typealias HandlerByNumber = @Sendable @convention(c) (Int32) -> Pointer?
    typealias HandlerByName = @Sendable @convention(c) (UnsafePointer<CChar>?) -> Pointer?
    typealias Convert = @Sendable @convention(c) (Pointer?, Pointer?, Pointer?) -> Int32
    typealias Make = @Sendable @convention(c) () -> Pointer?
    typealias Add = @Sendable @convention(c) (Pointer?, UnsafePointer<UInt8>?, Int32) -> Int32
    typealias Content = @Sendable @convention(c) (Pointer?) -> UnsafePointer<UInt8>?
    typealias Status = @Sendable @convention(c) (Pointer?) -> Int32
    typealias Free = @Sendable @convention(c) (Pointer?) -> Void
    typealias SetErrors = @Sendable @convention(c) (UnsafeMutableRawPointer?, kvmcheck_xml_serror?) -> Void

    // SAFETY: the types are those of parser.h, encoding.h, tree.h and xmlerror.h of libxml2 2.9 to 2.14; enumerations are
    // ints and xmlChar is unsigned char there.
    let createParser: CreateParser
    let useOptions: OnParser
    let parseDocument: ParseDocument
    let freeParser: FreeParser
    let detectEncoding: DetectEncoding
    let encodingHandler: HandlerByNumber
    let findEncodingHandler: HandlerByName
    let convert: Convert
    let closeHandler: Status
    let bufferCreate: Make
    let bufferAdd: Add
    let bufferContent: Content
    let bufferLength: Status
    let bufferFree: Free
    let setErrors: SetErrors

    /// The library, opened once; nil where it is not installed.
    static let shared: LibXML2? = LibXML2()

    /// The sonames of the library: 2.14 changed it, the interface here is the same.
    static let sonames = ["libxml2.so.2", "libxml2.so.16"]

    private init?() {
        for soname in Self.sonames {
            if let library = DynamicLibrary(soname), let table = LibXML2(library) {
                self = table
                return
            }
        }
        return nil
    }

    private init?(_ library: borrowing DynamicLibrary) {
        guard let initialize = library.function("xmlInitParser", as: (@convention(c) () -> Void).self),
            let createParser = unsafe library.function("xmlCreateMemoryParserCtxt", as: CreateParser.self),
            let useOptions = unsafe library.function("xmlCtxtUseOptions", as: OnParser.self),
            let parseDocument = unsafe library.function("xmlParseDocument", as: ParseDocument.self),
            let freeParser = unsafe library.function("xmlFreeParserCtxt", as: FreeParser.self),
            let detectEncoding = unsafe library.function("xmlDetectCharEncoding", as: DetectEncoding.self),
            let handler = unsafe library.function("xmlGetCharEncodingHandler", as: HandlerByNumber.self),
            let findHandler = unsafe library.function("xmlFindCharEncodingHandler", as: HandlerByName.self),
            let convert = unsafe library.function("xmlCharEncInFunc", as: Convert.self),
            let closeHandler = unsafe library.function("xmlCharEncCloseFunc", as: Status.self),
            let bufferCreate = unsafe library.function("xmlBufferCreate", as: Make.self),
            let bufferAdd = unsafe library.function("xmlBufferAdd", as: Add.self),
            let bufferContent = unsafe library.function("xmlBufferContent", as: Content.self),
            let bufferLength = unsafe library.function("xmlBufferLength", as: Status.self),
            let bufferFree = unsafe library.function("xmlBufferFree", as: Free.self),
            let setErrors = unsafe library.function("xmlSetStructuredErrorFunc", as: SetErrors.self)
        else { return nil }
        // SAFETY: takes nothing, may be called again; makes the library's tables before threads meet in it.
        initialize()
        unsafe self.createParser = unsafe createParser
        unsafe self.useOptions = unsafe useOptions
        unsafe self.parseDocument = unsafe parseDocument
        unsafe self.freeParser = unsafe freeParser
        unsafe self.detectEncoding = unsafe detectEncoding
        unsafe encodingHandler = unsafe handler
        unsafe findEncodingHandler = unsafe findHandler
        unsafe self.convert = unsafe convert
        unsafe self.closeHandler = unsafe closeHandler
        unsafe self.bufferCreate = unsafe bufferCreate
        unsafe self.bufferAdd = unsafe bufferAdd
        unsafe self.bufferContent = unsafe bufferContent
        unsafe self.bufferLength = unsafe bufferLength
        unsafe self.bufferFree = unsafe bufferFree
        unsafe self.setErrors = unsafe setErrors
    }
}
