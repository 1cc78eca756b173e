import Glibc
import LinuxIO
import Testing

struct DeadlineCallTests {
    @Test func `a call that comes back in time has its result`() throws {
        #expect(try DeadlineCall.run(within: .seconds(10)) { 42 } == 42)
    }

    @Test func `a call that does not come back is given up at its deadline`() throws {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try DeadlineCall.run(within: .milliseconds(100)) { () -> Int in
            sleep(60)
            return 1
        }
        let taken = clock.now - start
        #expect(result == nil)
        #expect(taken >= .milliseconds(100) && taken < .seconds(20))
    }

    @Test func `what a late call was given lives until it is done`() throws {
        final class Witness: Sendable {}
        func giveUp() throws -> WeakWitness {
            let witness = Witness()
            let result = try DeadlineCall.run(within: .milliseconds(50)) { [witness] () -> Int in
                usleep(500_000)
                return withExtendedLifetime(witness) { 1 }
            }
            #expect(result == nil)
            return WeakWitness(witness)
        }
        struct WeakWitness {
            weak var object: Witness?
            init(_ object: Witness) { self.object = object }
        }
        let witness = try giveUp()
        #expect(witness.object != nil)
        var waited = 0
        while witness.object != nil, waited < 100 {
            usleep(50_000)
            waited += 1
        }
        #expect(witness.object == nil)
    }

    @Test func `writing to a broken pipe there does not end the process`() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        let writer = ends[1]
        let written = try DeadlineCall.run(within: .seconds(10)) { () -> Int in
            var byte: UInt8 = 0
            return write(writer, &byte, 1)
        }
        #expect(written == -1)
        close(writer)
    }

    @Test func `many calls leave no descriptor behind`() throws {
        func open() -> Int { (0..<1024).count { fcntl(Int32($0), F_GETFD) >= 0 } }
        let before = open()
        for number in 0..<2000 { #expect(try DeadlineCall.run(within: .seconds(10)) { number } == number) }
        // Other tests run beside this one.
        #expect(open() < before + 200)
    }
}
