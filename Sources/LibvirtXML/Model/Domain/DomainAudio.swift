// Source of names: libvirt's formatdomain.rst, "Audio backends".
extension Domain {
    /// `<audio>`: where sound goes.
    public struct Audio: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Its number.
        public var id: Field<Int> { attribute("id", .count) }
        /// Who plays it: `none`, `alsa`, `coreaudio`, `dbus`, `file`, `jack`, `oss`, `pipewire`, `pulseaudio`, `sdl`, `spice`.
        public var type: Field<String> { attribute("type") }
        /// The period of the timer, in microseconds.
        public var timerPeriod: Field<Int> { attribute("timerPeriod", .count) }
        /// The server, of PulseAudio.
        public var serverName: Field<String> { attribute("serverName") }
        /// The file, of type `file`.
        public var path: Field<String> { attribute("path") }
        /// The driver of SDL.
        public var driver: Field<String> { attribute("driver") }
        /// The folder of PipeWire's socket.
        public var runtimeDirectory: Field<String> { attribute("runtimeDir") }
        /// Whether buffers of OSS are mapped.
        public var triesMemoryMap: Field<Bool> { attribute("tryMMap", .yesNo) }
        /// Whether the device of OSS is opened for itself.
        public var isExclusive: Field<Bool> { attribute("exclusive", .yesNo) }
        /// How OSS weighs delay against load.
        public var dspPolicy: Field<Int> { attribute("dspPolicy", .signed) }
        /// What is recorded.
        public var input: AudioStream { view("input") }
        /// What is played.
        public var output: AudioStream { view("output") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                id, type, timerPeriod, serverName, path, driver, runtimeDirectory, triesMemoryMap, isExclusive,
                dspPolicy, input, output, to: visit)

        }
    }

    /// `<input>` or `<output>` of `<audio>`.
    public struct AudioStream: PlacedView {
        /// Where it stands.
        public let place: XMLPlace

        /// Whether QEMU mixes.
        public var mixes: Field<Bool> { attribute("mixingEngine", .yesNo) }
        /// Whether the settings are QEMU's alone to choose.
        public var hasFixedSettings: Field<Bool> { attribute("fixedSettings", .yesNo) }
        /// The number of voices.
        public var voices: Field<Int> { attribute("voices", .count) }
        /// The length of the buffer, in microseconds.
        public var bufferLength: Field<Int> { attribute("bufferLength", .count) }
        /// The number of buffers.
        public var bufferCount: Field<Int> { attribute("bufferCount", .count) }
        /// The device, of ALSA and OSS.
        public var device: Field<String> { attribute("dev") }
        /// Whether polling is tried.
        public var triesPolling: Field<Bool> { attribute("tryPoll", .yesNo) }
        /// The name of the source or sink, of PulseAudio and PipeWire.
        public var name: Field<String> { attribute("name") }
        /// The name of the stream, of PulseAudio and PipeWire.
        public var streamName: Field<String> { attribute("streamName") }
        /// The latency to aim at, in microseconds.
        public var latency: Field<Int> { attribute("latency", .count) }
        /// The server of JACK.
        public var serverName: Field<String> { attribute("serverName") }
        /// The name of the client, of JACK.
        public var clientName: Field<String> { attribute("clientName") }
        /// The ports of JACK to connect to, as a regular expression.
        public var connectPorts: Field<String> { attribute("connectPorts") }
        /// Whether JACK may give no other name.
        public var isNameExact: Field<Bool> { attribute("exactName", .yesNo) }
        /// Samples a second.
        public var frequency: Field<Int> { attribute("frequency", of: "settings", .count) }
        /// The number of channels.
        public var channels: Field<Int> { attribute("channels", of: "settings", .count) }
        /// The form of a sample, such as `s16`.
        public var format: Field<String> { attribute("format", of: "settings") }

        func visitParts(_ visit: (XMLField) -> Void) {
            hand(
                mixes, hasFixedSettings, voices, bufferLength, bufferCount, device, triesPolling, name, streamName,
                latency, serverName, clientName, connectPorts, isNameExact, frequency, channels, format, to: visit)

        }
    }
}
