internal import CLibXML2
internal import LinuxIO

/// The functions of libxml2 that validate; see ``LibXML2``.
@safe struct RelaxNGLibrary: Sendable {
    typealias Pointer = OpaquePointer
    typealias Node = UnsafeMutablePointer<kvmcheck_xml_node>
    typealias OpenSchema = @Sendable @convention(c) (UnsafePointer<CChar>?) -> Pointer?
    typealias Derive = @Sendable @convention(c) (Pointer?) -> Pointer?
    typealias Free = @Sendable @convention(c) (Pointer?) -> Void
    typealias SetErrors =
        @Sendable @convention(c) (Pointer?, kvmcheck_xml_serror?, UnsafeMutableRawPointer?) -> Void
    typealias Validate = @Sendable @convention(c) (Pointer?, Pointer?) -> Int32
    typealias ReadMemory =
        @Sendable @convention(c) (
            UnsafePointer<CChar>?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?, Int32
        ) -> Pointer?
    typealias RootElement = @Sendable @convention(c) (Pointer?) -> Node?
    typealias Initialize = @Sendable @convention(c) () -> Void
    typealias NextElement = @Sendable @convention(c) (Node?) -> Node?

    // SAFETY: the types are those of relaxng.h, parser.h and tree.h of libxml2 2.9 to 2.14.
    let openSchema: OpenSchema
    let setSchemaErrors: SetErrors
    let parseSchema: Derive
    let closeSchema: Free
    let freeSchema: Free
    let newValidation: Derive
    let setValidationErrors: SetErrors
    let validate: Validate
    let freeValidation: Free
    let readMemory: ReadMemory
    let freeDocument: Free
    let rootElement: RootElement
    let firstElement: NextElement
    let nextElement: NextElement

    /// The library, opened once; nil where it is not installed.
    static let shared: RelaxNGLibrary? = RelaxNGLibrary()

    private init?() {
        for soname in LibXML2.sonames {
            if let library = DynamicLibrary(soname), let table = RelaxNGLibrary(library) {
                self = table
                return
            }
        }
        return nil
    }

    private init?(_ library: borrowing DynamicLibrary) {
        guard let openSchema = unsafe library.function("xmlRelaxNGNewParserCtxt", as: OpenSchema.self),
            let setSchemaErrors = unsafe library.function(
                "xmlRelaxNGSetParserStructuredErrors", as: SetErrors.self),
            let parseSchema = unsafe library.function("xmlRelaxNGParse", as: Derive.self),
            let closeSchema = unsafe library.function("xmlRelaxNGFreeParserCtxt", as: Free.self),
            let freeSchema = unsafe library.function("xmlRelaxNGFree", as: Free.self),
            let newValidation = unsafe library.function("xmlRelaxNGNewValidCtxt", as: Derive.self),
            let setValidationErrors = unsafe library.function(
                "xmlRelaxNGSetValidStructuredErrors", as: SetErrors.self),
            let validate = unsafe library.function("xmlRelaxNGValidateDoc", as: Validate.self),
            let freeValidation = unsafe library.function("xmlRelaxNGFreeValidCtxt", as: Free.self),
            let readMemory = unsafe library.function("xmlReadMemory", as: ReadMemory.self),
            let freeDocument = unsafe library.function("xmlFreeDoc", as: Free.self),
            let rootElement = unsafe library.function("xmlDocGetRootElement", as: RootElement.self),
            let firstElement = unsafe library.function("xmlFirstElementChild", as: NextElement.self),
            let nextElement = unsafe library.function("xmlNextElementSibling", as: NextElement.self),
            let initializeTypes = library.function("xmlSchemaInitTypes", as: Initialize.self),
            let initializeSchemas = library.function("xmlRelaxNGInitTypes", as: Initialize.self)
        else { return nil }
        // libxml2 would do both when it first needs them, and two threads would do them at once.
        initializeTypes()
        initializeSchemas()
        unsafe self.openSchema = unsafe openSchema
        unsafe self.setSchemaErrors = unsafe setSchemaErrors
        unsafe self.parseSchema = unsafe parseSchema
        unsafe self.closeSchema = unsafe closeSchema
        unsafe self.freeSchema = unsafe freeSchema
        unsafe self.newValidation = unsafe newValidation
        unsafe self.setValidationErrors = unsafe setValidationErrors
        unsafe self.validate = unsafe validate
        unsafe self.freeValidation = unsafe freeValidation
        unsafe self.readMemory = unsafe readMemory
        unsafe self.freeDocument = unsafe freeDocument
        unsafe self.rootElement = unsafe rootElement
        unsafe self.firstElement = unsafe firstElement
        unsafe self.nextElement = unsafe nextElement
    }
}
