import Testing

@testable import LinuxIO

struct RedactionTests {
    private func redacted(_ text: String) -> String {
        String(decoding: Redaction.redacted(Array(text.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        ("vnc_password = \"hunter2\"", "hunter2"), ("spice_password=\"hunter2\"", "hunter2"),
        ("rd.iscsi.password=hunter2 quiet", "hunter2"), ("transport_url = rabbit://nova:hunter2@mq/", "hunter2"),
        ("connection = mysql+pymysql://nova:hunter2@db/nova", "hunter2"),
        ("root:$6$salt$hunter2:0:0:root:/root:/bin/sh", "hunter2"),
        ("password_pbkdf2 root grub.pbkdf2.sha512.10000.hunter2", "hunter2"), ("admin_token: hunter2", "hunter2"),
    ])
    func `a secret does not go into a capture`(line: String, secret: String) {
        #expect(!redacted(line).contains(secret), "\(redacted(line))")
    }

    @Test(arguments: [
        "quiet intel_iommu=on --block-local-connections --auth-required", "root:x:0:0:root:/root:/bin/bash",
        "user = \"libvirt-qemu\"\ngroup = \"kvm\"\n", "flags : fpu vme de pse tsc msr\n\nprocessor : 1\n", "",
        "\nfirst line is empty\n",
    ])
    func `what is not secret stays as it is`(text: String) {
        #expect(redacted(text) == text)
    }

    @Test func `XML stays XML`() {
        #expect(redacted("<graphics type='vnc' passwd='hunter2'/>") == "<graphics type='vnc' passwd='[redacted]'/>")
    }

    @Test func `the other arguments of a command line stay`() {
        #expect(redacted("quiet rd.luks.key=/a ro") == "quiet rd.luks.key=[redacted] ro")
    }
}
