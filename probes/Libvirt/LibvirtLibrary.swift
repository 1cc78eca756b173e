internal import CLibvirt
internal import Glibc
internal import LinuxIO

/// The functions of libvirt that kvmcheck calls, found at run time; each has libvirt's name without `vir`, and the type
/// of libvirt.h's own declaration.
///
/// All of them are in libvirt 6.1 and later; from an older library nothing is called.
@safe struct LibvirtLibrary: Sendable {
    static let soname = "libvirt.so.0"

    // SAFETY: each is the address of the function of that name in libvirt, which stays loaded.
    let initialize: clibvirt_virInitialize
    let setErrorFunc: clibvirt_virSetErrorFunc
    let getLastError: clibvirt_virGetLastError
    let getVersion: clibvirt_virGetVersion
    let connectOpenReadOnly: clibvirt_virConnectOpenReadOnly
    let connectOpen: clibvirt_virConnectOpen
    let connectClose: clibvirt_virConnectClose
    let connectGetURI: clibvirt_virConnectGetURI
    let connectGetHostname: clibvirt_virConnectGetHostname
    let connectGetType: clibvirt_virConnectGetType
    let connectGetVersion: clibvirt_virConnectGetVersion
    let connectGetLibVersion: clibvirt_virConnectGetLibVersion
    let connectIsSecure: clibvirt_virConnectIsSecure
    let connectIsEncrypted: clibvirt_virConnectIsEncrypted
    let connectGetCapabilities: clibvirt_virConnectGetCapabilities
    let connectGetDomainCapabilities: clibvirt_virConnectGetDomainCapabilities
    let connectListAllDomains: clibvirt_virConnectListAllDomains
    let domainLookupByName: clibvirt_virDomainLookupByName
    let domainLookupByUUIDString: clibvirt_virDomainLookupByUUIDString
    let domainLookupByID: clibvirt_virDomainLookupByID
    let domainFree: clibvirt_virDomainFree
    let domainGetName: clibvirt_virDomainGetName
    let domainGetUUIDString: clibvirt_virDomainGetUUIDString
    let domainGetID: clibvirt_virDomainGetID
    let domainGetState: clibvirt_virDomainGetState
    let domainIsActive: clibvirt_virDomainIsActive
    let domainIsPersistent: clibvirt_virDomainIsPersistent
    let domainGetAutostart: clibvirt_virDomainGetAutostart
    let domainHasManagedSaveImage: clibvirt_virDomainHasManagedSaveImage
    let domainGetXMLDesc: clibvirt_virDomainGetXMLDesc
    let domainListGetStats: clibvirt_virDomainListGetStats
    let domainGetBlockInfo: clibvirt_virDomainGetBlockInfo
    let domainStatsRecordListFree: clibvirt_virDomainStatsRecordListFree
    let domainListAllSnapshots: clibvirt_virDomainListAllSnapshots
    let domainSnapshotGetName: clibvirt_virDomainSnapshotGetName
    let domainSnapshotFree: clibvirt_virDomainSnapshotFree
    let domainInterfaceAddresses: clibvirt_virDomainInterfaceAddresses
    let domainInterfaceFree: clibvirt_virDomainInterfaceFree
    let domainGetGuestInfo: clibvirt_virDomainGetGuestInfo
    let domainGetHostname: clibvirt_virDomainGetHostname
    let typedParamsFree: clibvirt_virTypedParamsFree
    let connectListAllNetworks: clibvirt_virConnectListAllNetworks
    let networkLookupByName: clibvirt_virNetworkLookupByName
    let networkLookupByUUIDString: clibvirt_virNetworkLookupByUUIDString
    let networkFree: clibvirt_virNetworkFree
    let networkGetName: clibvirt_virNetworkGetName
    let networkGetUUIDString: clibvirt_virNetworkGetUUIDString
    let networkIsActive: clibvirt_virNetworkIsActive
    let networkIsPersistent: clibvirt_virNetworkIsPersistent
    let networkGetAutostart: clibvirt_virNetworkGetAutostart
    let networkGetBridgeName: clibvirt_virNetworkGetBridgeName
    let networkGetXMLDesc: clibvirt_virNetworkGetXMLDesc
    let networkGetDHCPLeases: clibvirt_virNetworkGetDHCPLeases
    let networkDHCPLeaseFree: clibvirt_virNetworkDHCPLeaseFree
    let connectListAllStoragePools: clibvirt_virConnectListAllStoragePools
    let storagePoolLookupByName: clibvirt_virStoragePoolLookupByName
    let storagePoolLookupByUUIDString: clibvirt_virStoragePoolLookupByUUIDString
    let storagePoolFree: clibvirt_virStoragePoolFree
    let storagePoolGetName: clibvirt_virStoragePoolGetName
    let storagePoolGetUUIDString: clibvirt_virStoragePoolGetUUIDString
    let storagePoolIsActive: clibvirt_virStoragePoolIsActive
    let storagePoolIsPersistent: clibvirt_virStoragePoolIsPersistent
    let storagePoolGetAutostart: clibvirt_virStoragePoolGetAutostart
    let storagePoolGetInfo: clibvirt_virStoragePoolGetInfo
    let storagePoolGetXMLDesc: clibvirt_virStoragePoolGetXMLDesc
    let storagePoolListAllVolumes: clibvirt_virStoragePoolListAllVolumes
    let storageVolFree: clibvirt_virStorageVolFree
    let storageVolGetName: clibvirt_virStorageVolGetName
    let storageVolGetKey: clibvirt_virStorageVolGetKey
    let storageVolGetPath: clibvirt_virStorageVolGetPath
    let storageVolGetInfo: clibvirt_virStorageVolGetInfo
    let storageVolGetXMLDesc: clibvirt_virStorageVolGetXMLDesc
    let connectListAllNodeDevices: clibvirt_virConnectListAllNodeDevices
    let nodeDeviceFree: clibvirt_virNodeDeviceFree
    let nodeDeviceGetName: clibvirt_virNodeDeviceGetName
    let nodeDeviceGetXMLDesc: clibvirt_virNodeDeviceGetXMLDesc
    let connectListAllInterfaces: clibvirt_virConnectListAllInterfaces
    let interfaceFree: clibvirt_virInterfaceFree
    let interfaceGetName: clibvirt_virInterfaceGetName
    let interfaceIsActive: clibvirt_virInterfaceIsActive
    let interfaceGetXMLDesc: clibvirt_virInterfaceGetXMLDesc
    let connectListAllNWFilters: clibvirt_virConnectListAllNWFilters
    let nwFilterFree: clibvirt_virNWFilterFree
    let nwFilterGetName: clibvirt_virNWFilterGetName
    let nwFilterGetUUIDString: clibvirt_virNWFilterGetUUIDString
    let nwFilterGetXMLDesc: clibvirt_virNWFilterGetXMLDesc
    let connectListAllSecrets: clibvirt_virConnectListAllSecrets
    let secretFree: clibvirt_virSecretFree
    let secretGetUUIDString: clibvirt_virSecretGetUUIDString
    let secretGetUsageID: clibvirt_virSecretGetUsageID
    let secretGetUsageType: clibvirt_virSecretGetUsageType
    let secretGetXMLDesc: clibvirt_virSecretGetXMLDesc

    /// Why the library cannot be used.
    enum Fault: Error {
        case notInstalled
        case lacks(String)
    }

    /// Opens the library.
    init() throws(Fault) {
        guard let library = DynamicLibrary(Self.soname) else { throw .notInstalled }
        func load<Function>(_ name: String, _ type: Function.Type) throws(Fault) -> Function {
            guard let function = library.function(name, as: type) else { throw .lacks(name) }
            return function
        }
        initialize = try load("virInitialize", clibvirt_virInitialize.self)
        unsafe setErrorFunc = try unsafe load("virSetErrorFunc", clibvirt_virSetErrorFunc.self)
        unsafe getLastError = try unsafe load("virGetLastError", clibvirt_virGetLastError.self)
        unsafe getVersion = try unsafe load("virGetVersion", clibvirt_virGetVersion.self)
        unsafe connectOpenReadOnly = try unsafe load("virConnectOpenReadOnly", clibvirt_virConnectOpenReadOnly.self)
        unsafe connectOpen = try unsafe load("virConnectOpen", clibvirt_virConnectOpen.self)
        unsafe connectClose = try unsafe load("virConnectClose", clibvirt_virConnectClose.self)
        unsafe connectGetURI = try unsafe load("virConnectGetURI", clibvirt_virConnectGetURI.self)
        unsafe connectGetHostname = try unsafe load("virConnectGetHostname", clibvirt_virConnectGetHostname.self)
        unsafe connectGetType = try unsafe load("virConnectGetType", clibvirt_virConnectGetType.self)
        unsafe connectGetVersion = try unsafe load("virConnectGetVersion", clibvirt_virConnectGetVersion.self)
        unsafe connectGetLibVersion = try unsafe load("virConnectGetLibVersion", clibvirt_virConnectGetLibVersion.self)
        unsafe connectIsSecure = try unsafe load("virConnectIsSecure", clibvirt_virConnectIsSecure.self)
        unsafe connectIsEncrypted = try unsafe load("virConnectIsEncrypted", clibvirt_virConnectIsEncrypted.self)
        unsafe connectGetCapabilities = try unsafe load(
            "virConnectGetCapabilities", clibvirt_virConnectGetCapabilities.self)
        unsafe connectGetDomainCapabilities = try unsafe load(
            "virConnectGetDomainCapabilities", clibvirt_virConnectGetDomainCapabilities.self)
        unsafe connectListAllDomains = try unsafe load(
            "virConnectListAllDomains", clibvirt_virConnectListAllDomains.self)
        unsafe domainLookupByName = try unsafe load("virDomainLookupByName", clibvirt_virDomainLookupByName.self)
        unsafe domainLookupByUUIDString = try unsafe load(
            "virDomainLookupByUUIDString", clibvirt_virDomainLookupByUUIDString.self)
        unsafe domainLookupByID = try unsafe load("virDomainLookupByID", clibvirt_virDomainLookupByID.self)
        unsafe domainFree = try unsafe load("virDomainFree", clibvirt_virDomainFree.self)
        unsafe domainGetName = try unsafe load("virDomainGetName", clibvirt_virDomainGetName.self)
        unsafe domainGetUUIDString = try unsafe load("virDomainGetUUIDString", clibvirt_virDomainGetUUIDString.self)
        unsafe domainGetID = try unsafe load("virDomainGetID", clibvirt_virDomainGetID.self)
        unsafe domainGetState = try unsafe load("virDomainGetState", clibvirt_virDomainGetState.self)
        unsafe domainIsActive = try unsafe load("virDomainIsActive", clibvirt_virDomainIsActive.self)
        unsafe domainIsPersistent = try unsafe load("virDomainIsPersistent", clibvirt_virDomainIsPersistent.self)
        unsafe domainGetAutostart = try unsafe load("virDomainGetAutostart", clibvirt_virDomainGetAutostart.self)
        unsafe domainHasManagedSaveImage = try unsafe load(
            "virDomainHasManagedSaveImage", clibvirt_virDomainHasManagedSaveImage.self)
        unsafe domainGetXMLDesc = try unsafe load("virDomainGetXMLDesc", clibvirt_virDomainGetXMLDesc.self)
        unsafe domainListGetStats = try unsafe load("virDomainListGetStats", clibvirt_virDomainListGetStats.self)
        unsafe domainGetBlockInfo = try unsafe load("virDomainGetBlockInfo", clibvirt_virDomainGetBlockInfo.self)
        unsafe domainStatsRecordListFree = try unsafe load(
            "virDomainStatsRecordListFree", clibvirt_virDomainStatsRecordListFree.self)
        unsafe domainListAllSnapshots = try unsafe load(
            "virDomainListAllSnapshots", clibvirt_virDomainListAllSnapshots.self)
        unsafe domainSnapshotGetName = try unsafe load(
            "virDomainSnapshotGetName", clibvirt_virDomainSnapshotGetName.self)
        unsafe domainSnapshotFree = try unsafe load("virDomainSnapshotFree", clibvirt_virDomainSnapshotFree.self)
        unsafe domainInterfaceAddresses = try unsafe load(
            "virDomainInterfaceAddresses", clibvirt_virDomainInterfaceAddresses.self)
        unsafe domainInterfaceFree = try unsafe load("virDomainInterfaceFree", clibvirt_virDomainInterfaceFree.self)
        unsafe domainGetGuestInfo = try unsafe load("virDomainGetGuestInfo", clibvirt_virDomainGetGuestInfo.self)
        unsafe domainGetHostname = try unsafe load("virDomainGetHostname", clibvirt_virDomainGetHostname.self)
        unsafe typedParamsFree = try unsafe load("virTypedParamsFree", clibvirt_virTypedParamsFree.self)
        unsafe connectListAllNetworks = try unsafe load(
            "virConnectListAllNetworks", clibvirt_virConnectListAllNetworks.self)
        unsafe networkLookupByName = try unsafe load("virNetworkLookupByName", clibvirt_virNetworkLookupByName.self)
        unsafe networkLookupByUUIDString = try unsafe load(
            "virNetworkLookupByUUIDString", clibvirt_virNetworkLookupByUUIDString.self)
        unsafe networkFree = try unsafe load("virNetworkFree", clibvirt_virNetworkFree.self)
        unsafe networkGetName = try unsafe load("virNetworkGetName", clibvirt_virNetworkGetName.self)
        unsafe networkGetUUIDString = try unsafe load("virNetworkGetUUIDString", clibvirt_virNetworkGetUUIDString.self)
        unsafe networkIsActive = try unsafe load("virNetworkIsActive", clibvirt_virNetworkIsActive.self)
        unsafe networkIsPersistent = try unsafe load("virNetworkIsPersistent", clibvirt_virNetworkIsPersistent.self)
        unsafe networkGetAutostart = try unsafe load("virNetworkGetAutostart", clibvirt_virNetworkGetAutostart.self)
        unsafe networkGetBridgeName = try unsafe load("virNetworkGetBridgeName", clibvirt_virNetworkGetBridgeName.self)
        unsafe networkGetXMLDesc = try unsafe load("virNetworkGetXMLDesc", clibvirt_virNetworkGetXMLDesc.self)
        unsafe networkGetDHCPLeases = try unsafe load("virNetworkGetDHCPLeases", clibvirt_virNetworkGetDHCPLeases.self)
        unsafe networkDHCPLeaseFree = try unsafe load("virNetworkDHCPLeaseFree", clibvirt_virNetworkDHCPLeaseFree.self)
        unsafe connectListAllStoragePools = try unsafe load(
            "virConnectListAllStoragePools", clibvirt_virConnectListAllStoragePools.self)
        unsafe storagePoolLookupByName = try unsafe load(
            "virStoragePoolLookupByName", clibvirt_virStoragePoolLookupByName.self)
        unsafe storagePoolLookupByUUIDString = try unsafe load(
            "virStoragePoolLookupByUUIDString", clibvirt_virStoragePoolLookupByUUIDString.self)
        unsafe storagePoolFree = try unsafe load("virStoragePoolFree", clibvirt_virStoragePoolFree.self)
        unsafe storagePoolGetName = try unsafe load("virStoragePoolGetName", clibvirt_virStoragePoolGetName.self)
        unsafe storagePoolGetUUIDString = try unsafe load(
            "virStoragePoolGetUUIDString", clibvirt_virStoragePoolGetUUIDString.self)
        unsafe storagePoolIsActive = try unsafe load("virStoragePoolIsActive", clibvirt_virStoragePoolIsActive.self)
        unsafe storagePoolIsPersistent = try unsafe load(
            "virStoragePoolIsPersistent", clibvirt_virStoragePoolIsPersistent.self)
        unsafe storagePoolGetAutostart = try unsafe load(
            "virStoragePoolGetAutostart", clibvirt_virStoragePoolGetAutostart.self)
        unsafe storagePoolGetInfo = try unsafe load("virStoragePoolGetInfo", clibvirt_virStoragePoolGetInfo.self)
        unsafe storagePoolGetXMLDesc = try unsafe load(
            "virStoragePoolGetXMLDesc", clibvirt_virStoragePoolGetXMLDesc.self)
        unsafe storagePoolListAllVolumes = try unsafe load(
            "virStoragePoolListAllVolumes", clibvirt_virStoragePoolListAllVolumes.self)
        unsafe storageVolFree = try unsafe load("virStorageVolFree", clibvirt_virStorageVolFree.self)
        unsafe storageVolGetName = try unsafe load("virStorageVolGetName", clibvirt_virStorageVolGetName.self)
        unsafe storageVolGetKey = try unsafe load("virStorageVolGetKey", clibvirt_virStorageVolGetKey.self)
        unsafe storageVolGetPath = try unsafe load("virStorageVolGetPath", clibvirt_virStorageVolGetPath.self)
        unsafe storageVolGetInfo = try unsafe load("virStorageVolGetInfo", clibvirt_virStorageVolGetInfo.self)
        unsafe storageVolGetXMLDesc = try unsafe load("virStorageVolGetXMLDesc", clibvirt_virStorageVolGetXMLDesc.self)
        unsafe connectListAllNodeDevices = try unsafe load(
            "virConnectListAllNodeDevices", clibvirt_virConnectListAllNodeDevices.self)
        unsafe nodeDeviceFree = try unsafe load("virNodeDeviceFree", clibvirt_virNodeDeviceFree.self)
        unsafe nodeDeviceGetName = try unsafe load("virNodeDeviceGetName", clibvirt_virNodeDeviceGetName.self)
        unsafe nodeDeviceGetXMLDesc = try unsafe load("virNodeDeviceGetXMLDesc", clibvirt_virNodeDeviceGetXMLDesc.self)
        unsafe connectListAllInterfaces = try unsafe load(
            "virConnectListAllInterfaces", clibvirt_virConnectListAllInterfaces.self)
        unsafe interfaceFree = try unsafe load("virInterfaceFree", clibvirt_virInterfaceFree.self)
        unsafe interfaceGetName = try unsafe load("virInterfaceGetName", clibvirt_virInterfaceGetName.self)
        unsafe interfaceIsActive = try unsafe load("virInterfaceIsActive", clibvirt_virInterfaceIsActive.self)
        unsafe interfaceGetXMLDesc = try unsafe load("virInterfaceGetXMLDesc", clibvirt_virInterfaceGetXMLDesc.self)
        unsafe connectListAllNWFilters = try unsafe load(
            "virConnectListAllNWFilters", clibvirt_virConnectListAllNWFilters.self)
        unsafe nwFilterFree = try unsafe load("virNWFilterFree", clibvirt_virNWFilterFree.self)
        unsafe nwFilterGetName = try unsafe load("virNWFilterGetName", clibvirt_virNWFilterGetName.self)
        unsafe nwFilterGetUUIDString = try unsafe load(
            "virNWFilterGetUUIDString", clibvirt_virNWFilterGetUUIDString.self)
        unsafe nwFilterGetXMLDesc = try unsafe load("virNWFilterGetXMLDesc", clibvirt_virNWFilterGetXMLDesc.self)
        unsafe connectListAllSecrets = try unsafe load(
            "virConnectListAllSecrets", clibvirt_virConnectListAllSecrets.self)
        unsafe secretFree = try unsafe load("virSecretFree", clibvirt_virSecretFree.self)
        unsafe secretGetUUIDString = try unsafe load("virSecretGetUUIDString", clibvirt_virSecretGetUUIDString.self)
        unsafe secretGetUsageID = try unsafe load("virSecretGetUsageID", clibvirt_virSecretGetUsageID.self)
        unsafe secretGetUsageType = try unsafe load("virSecretGetUsageType", clibvirt_virSecretGetUsageType.self)
        unsafe secretGetXMLDesc = try unsafe load("virSecretGetXMLDesc", clibvirt_virSecretGetXMLDesc.self)
    }

    /// Keeps libvirt from writing its errors to the standard error output. The corresponding function is `virSetErrorFunc`.
    func keepQuiet() {
        // SAFETY: the function takes what it is given and touches none of it.
        unsafe setErrorFunc(nil) { (_: UnsafeMutableRawPointer?, _: virErrorPtr?) in }
    }

    /// A text that libvirt allocated for its caller.
    func take(_ text: UnsafeMutablePointer<CChar>?) -> String? {
        guard let text = unsafe text else { return nil }
        defer { unsafe free(text) }
        // SAFETY: libvirt's texts end with NUL.
        return unsafe String(cString: text)
    }

    /// A text that stays libvirt's.
    func copy(_ text: UnsafePointer<CChar>?) -> String? {
        guard let text = unsafe text else { return nil }
        // SAFETY: libvirt's texts end with NUL, and live as long as the object that they were asked of.
        return unsafe String(cString: text)
    }

    /// Gives back an array that libvirt allocated for its caller.
    func discard<Element>(_ array: UnsafeMutablePointer<Element>?) { unsafe free(array) }

    /// The length of a UUID as text, with its NUL (`VIR_UUID_STRING_BUFLEN`).
    static let uuidLength = Int(VIR_UUID_STRING_BUFLEN)

    /// What libvirt says of the call that has just failed on this thread. The corresponding function is `virGetLastError`.
    func lastFault() -> LibvirtFault {
        // SAFETY: the error belongs to this thread and is valid until its next call.
        guard let error = unsafe getLastError() else {
            return .refused(code: VIR_ERR_INTERNAL_ERROR.rawValue, errno: 0, message: "an unknown error")
        }
        return unsafe .refused(
            code: UInt32(bitPattern: error.pointee.code), errno: error.pointee.int1,
            message: copy(error.pointee.message) ?? "")
    }
}
