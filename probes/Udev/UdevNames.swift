internal import CUdev
public import Evidence
internal import LinuxIO

/// Vendor and model of a device, in the words of udev's hardware database.
public struct HardwareName: Sendable, Hashable {
    /// `ID_VENDOR_FROM_DATABASE`.
    public var vendor: String
    /// `ID_MODEL_FROM_DATABASE`; nil where only the vendor is known.
    public var model: String?
}

/// udev's hardware database (hwdb(7)), asked through libudev, which is opened at run time: without the library or
/// without the database every name is unknown, and nothing else changes.
///
/// Opening maps a database of ten megabytes; so make one only where there is a device to name.
@safe public struct UdevNames: ~Copyable {
    // SAFETY: the three are made together from one library that is never unloaded, are only given to that library's own
    // functions, and the two contexts are released once, in `deinit`.
    private let library: Library?
    private let context: OpaquePointer?
    private let database: OpaquePointer?

    /// Opens libudev and its database, as far as they are there.
    public init() {
        library = Library()
        unsafe context = unsafe library?.makeContext()
        if let context = unsafe context {
            unsafe database = unsafe library?.makeDatabase(context)
        } else {
            unsafe database = nil
        }
    }

    deinit {
        if let database = unsafe database { _ = unsafe library?.releaseDatabase(database) }
        if let context = unsafe context { _ = unsafe library?.releaseContext(context) }
    }

    /// What the database calls the device with this `modalias`, such as `pci:v00008086d00001515sv…`.
    ///
    /// The corresponding C function is `udev_hwdb_get_properties_list_entry`. Absent where the database does not know
    /// the device; unknown where there is no libudev, or no database.
    public func name(modalias: String) -> Observation<HardwareName> {
        let provenance = Provenance(means: "udev_hwdb_get_properties_list_entry")
        guard let library else {
            return .unknown(Obstacle(.unsupported, Library.soname, "not installed"), from: provenance)
        }
        guard let database = unsafe database else {
            return .unknown(Obstacle(.unsupported, "udev_hwdb_new", "no hardware database"), from: provenance)
        }
        var vendor: String?
        var model: String?
        // SAFETY: libudev takes a NUL-terminated string for the time of the call; the list it returns belongs to the
        // database and is valid until the next question to it, and its names and values end with NUL.
        var entry = unsafe library.properties(database, modalias, 0)
        var bound = 256
        while let current = unsafe entry, bound > 0 {
            bound -= 1
            if let name = unsafe library.entryName(current), let value = unsafe library.entryValue(current) {
                switch unsafe String(cString: name) {
                case "ID_VENDOR_FROM_DATABASE": vendor = unsafe String(cString: value)
                case "ID_MODEL_FROM_DATABASE": model = unsafe String(cString: value)
                default: break
                }
            }
            unsafe entry = unsafe library.nextEntry(current)
        }
        guard let vendor else { return .absent(from: provenance) }
        return .known(HardwareName(vendor: vendor, model: model), from: provenance)
    }
}

/// The functions of libudev that are used; their types are those of libudev.h's declarations.
@safe private struct Library {
    static let soname = "libudev.so.1"

    // SAFETY: each is the address of the function of that name in libudev, which stays loaded.
    let makeContext: cudev_new
    let releaseContext: cudev_unref
    let makeDatabase: cudev_hwdb_new
    let releaseDatabase: cudev_hwdb_unref
    let properties: cudev_hwdb_get_properties_list_entry
    let nextEntry: cudev_list_entry_get_next
    let entryName: cudev_list_entry_get_name
    let entryValue: cudev_list_entry_get_value

    /// Opens libudev; nil where it is not installed, or lacks one of the functions.
    init?() {
        guard let library = DynamicLibrary(Self.soname),
            let makeContext = unsafe library.function("udev_new", as: cudev_new.self),
            let releaseContext = unsafe library.function("udev_unref", as: cudev_unref.self),
            let makeDatabase = unsafe library.function("udev_hwdb_new", as: cudev_hwdb_new.self),
            let releaseDatabase = unsafe library.function("udev_hwdb_unref", as: cudev_hwdb_unref.self),
            let properties = unsafe library.function(
                "udev_hwdb_get_properties_list_entry", as: cudev_hwdb_get_properties_list_entry.self),
            let nextEntry = unsafe library.function("udev_list_entry_get_next", as: cudev_list_entry_get_next.self),
            let entryName = unsafe library.function("udev_list_entry_get_name", as: cudev_list_entry_get_name.self),
            let entryValue = unsafe library.function("udev_list_entry_get_value", as: cudev_list_entry_get_value.self)
        else { return nil }
        unsafe self.makeContext = unsafe makeContext
        unsafe self.releaseContext = unsafe releaseContext
        unsafe self.makeDatabase = unsafe makeDatabase
        unsafe self.releaseDatabase = unsafe releaseDatabase
        unsafe self.properties = unsafe properties
        unsafe self.nextEntry = unsafe nextEntry
        unsafe self.entryName = unsafe entryName
        unsafe self.entryValue = unsafe entryValue
    }
}
