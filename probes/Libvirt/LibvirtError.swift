/// Why there is no connection: what is, in a sentence, and what to do.
public struct LibvirtError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The small, stable set of reasons that a program can act on.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// There is no libvirt.so.0, or one that is too old.
        case notInstalled
        /// The URI does not have the form of one, or names what its driver does not have.
        case malformedURI
        /// No driver of libvirt answers to the URI's scheme.
        case unknownScheme
        /// The socket is not there: no daemon, and nothing that would start one.
        case noDaemon
        /// The socket is there, and nobody listens.
        case refused
        /// The socket or the daemon does not let this user in.
        case permissionDenied
        /// The host's name does not resolve.
        case unknownHost
        /// The host cannot be reached.
        case unreachable
        /// A password, key or certificate is missing or wrong.
        case authenticationFailed
        /// No answer came within the time allowed.
        case timedOut
        /// Anything else that libvirt says.
        case other
    }

    /// The reason.
    public var kind: Kind
    /// The URI as it was given or found; empty where there was none.
    public var uri: String
    /// What is, lower case, without a full stop.
    public var sentence: String
    /// What to do: a command, or a corrected URI.
    public var remedy: String
    /// libvirt's own words, where it said any.
    public var message: String

    /// Makes an error; see the properties.
    public init(_ kind: Kind, uri: String, _ sentence: String, remedy: String, message: String = "") {
        self.kind = kind
        self.uri = uri
        self.sentence = sentence
        self.remedy = remedy
        self.message = message
    }

    /// The sentence and, where it adds something, libvirt's own words.
    public var description: String { message.isEmpty ? sentence : "\(sentence) (\(message))" }
}
