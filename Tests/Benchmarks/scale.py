#!/usr/bin/env python3
"""What checking a folder of domains costs as the folder grows.

    swift build -c release --product kvmcheck --static-swift-stdlib
    Tests/Benchmarks/scale.py [COUNT...]

Makes domains of the shape that `virsh dumpxml` prints of a running one, with names, UUIDs, addresses, sizes, disks and
interfaces of their own, and runs `kvmcheck vm FOLDER --quiet` over 1000, 2000 and 10000 of them. Prints wall and CPU time and
peak memory of each, and the cost of a domain. Exits 1 where 1000 domains take a second or more, or where a domain of the
largest folder costs more than 1.3 times what one of the smallest does.
"""
import os
import pathlib
import random
import sys
import tempfile
import time
import uuid

TOOL = os.path.join(os.path.dirname(__file__), "../../.build/release/kvmcheck")
SECONDS_FOR_A_THOUSAND = 1.0
GROWTH = 1.3
TURNS = 3


def address(slot, function=0):
    return f"<address type='pci' domain='0x0000' bus='0x{slot:02x}' slot='0x00' function='0x{function:x}'/>"


def disk(number, index, dice):
    name = f"vm{number:05d}-{index}"
    backing = "<backingStore/>"
    if dice.random() < 0.3:
        backing = f"""<backingStore type='file' index='{index + 10}'>
        <format type='qcow2'/>
        <source file='/var/lib/libvirt/images/base-{dice.randrange(40)}.qcow2'/>
        <backingStore/>
      </backingStore>"""
    return f"""    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' discard='unmap'/>
      <source file='/var/lib/libvirt/images/{name}.qcow2' index='{index + 1}'/>
      {backing}
      <target dev='vd{"abcdefgh"[index]}' bus='virtio'/>
      <alias name='virtio-disk{index}'/>
      {address(4 + index)}
    </disk>"""


def interface(number, index, dice):
    mac = f"52:54:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}:{index:02x}"
    return f"""    <interface type='network'>
      <mac address='{mac}'/>
      <source network='net{dice.randrange(20)}' portid='{uuid.UUID(int=dice.getrandbits(128))}' bridge='virbr0'/>
      <target dev='vnet{number * 2 + index}'/>
      <model type='virtio'/>
      <alias name='net{index}'/>
      {address(1, index)}
    </interface>"""


def domain(number, dice):
    """A running domain as libvirt 9.0 prints one with a q35 machine."""
    memory = dice.choice([1, 2, 4, 8, 16]) << 20
    ports = "\n".join(
        f"""    <controller type='pci' index='{index}' model='pcie-root-port'>
      <model name='pcie-root-port'/>
      <target chassis='{index}' port='0x{15 + index:x}'/>
      <alias name='pci.{index}'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x{1 + index // 8:02x}' function='0x{index % 8:x}'/>
    </controller>""" for index in range(1, 15))
    return f"""<domain type='kvm' id='{number + 1}'>
  <name>{dice.choice(["web", "db", "build", "mail"])}-{number:05d}</name>
  <uuid>{uuid.UUID(int=dice.getrandbits(128))}</uuid>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit='KiB'>{memory}</memory>
  <currentMemory unit='KiB'>{memory}</currentMemory>
  <vcpu placement='static'>{dice.choice([1, 2, 4])}</vcpu>
  <resource>
    <partition>/machine</partition>
  </resource>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode='host-passthrough' check='none' migratable='on'/>
  <clock offset='utc'>
    <timer name='rtc' tickpolicy='catchup'/>
    <timer name='pit' tickpolicy='delay'/>
    <timer name='hpet' present='no'/>
  </clock>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <pm>
    <suspend-to-mem enabled='no'/>
    <suspend-to-disk enabled='no'/>
  </pm>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
{chr(10).join(disk(number, index, dice) for index in range(dice.randint(1, 4)))}
    <controller type='usb' index='0' model='qemu-xhci' ports='15'>
      <alias name='usb'/>
      {address(2)}
    </controller>
    <controller type='pci' index='0' model='pcie-root'>
      <alias name='pcie.0'/>
    </controller>
{ports}
    <controller type='virtio-serial' index='0'>
      <alias name='virtio-serial0'/>
      {address(3)}
    </controller>
{chr(10).join(interface(number, index, dice) for index in range(dice.randint(1, 2)))}
    <serial type='pty'>
      <source path='/dev/pts/{number}'/>
      <target type='isa-serial' port='0'>
        <model name='isa-serial'/>
      </target>
      <alias name='serial0'/>
    </serial>
    <console type='pty' tty='/dev/pts/{number}'>
      <source path='/dev/pts/{number}'/>
      <target type='serial' port='0'/>
      <alias name='serial0'/>
    </console>
    <channel type='unix'>
      <source mode='bind' path='/run/libvirt/qemu/channel/{number}/org.qemu.guest_agent.0'/>
      <target type='virtio' name='org.qemu.guest_agent.0' state='connected'/>
      <alias name='channel0'/>
      <address type='virtio-serial' controller='0' bus='0' port='1'/>
    </channel>
    <input type='tablet' bus='usb'>
      <alias name='input0'/>
      <address type='usb' bus='0' port='1'/>
    </input>
    <input type='keyboard' bus='ps2'>
      <alias name='input1'/>
    </input>
    <graphics type='vnc' port='{5900 + number % 60000}' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <video>
      <model type='vga' vram='16384' heads='1' primary='yes'/>
      <alias name='video0'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0'/>
    </video>
    <memballoon model='virtio'>
      <stats period='5'/>
      <alias name='balloon0'/>
      {address(9)}
    </memballoon>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
      <alias name='rng0'/>
      {address(10)}
    </rng>
  </devices>
  <seclabel type='dynamic' model='dac' relabel='yes'>
    <label>+64055:+64055</label>
    <imagelabel>+64055:+64055</imagelabel>
  </seclabel>
</domain>
"""


def run(*command):
    """Wall and CPU seconds and peak MiB of one run, its output thrown away."""
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 2:
        sys.exit(f"{command[0]}: status {status}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    counts = sorted(int(count) for count in sys.argv[1:]) or [1000, 2000, 10000]
    if not os.access(TOOL, os.X_OK):
        sys.exit(f"{TOOL} is missing")
    costs, fits = [], True
    with tempfile.TemporaryDirectory(prefix="kvmcheck-scale-") as folder:
        dice, made, size = random.Random(3), 0, 0
        for count in counts:
            while made < count:
                text = domain(made, dice)
                size += len(text)
                (pathlib.Path(folder) / f"vm{made:05d}.xml").write_text(text)
                made += 1
            turns = [run(TOOL, "vm", folder, "--quiet") for _ in range(TURNS)]
            wall, cpu = min(turn[0] for turn in turns), min(turn[1] for turn in turns)
            costs.append(cpu / count)
            if count == 1000:
                fits = wall < SECONDS_FOR_A_THOUSAND
            print(f"{count:6d} domains, {size / 1e6:5.1f} MB: wall {wall:6.2f} s, CPU {cpu:6.2f} s, "
                  f"{cpu / count * 1e3:5.2f} ms a domain, peak {max(turn[2] for turn in turns):.0f} MiB")
    growth = costs[-1] / costs[0]
    print(f"1000 in less than {SECONDS_FOR_A_THOUSAND:.0f} s: {'yes' if fits else 'no'}; "
          f"a domain of {counts[-1]} costs {growth:.2f} times one of {counts[0]} (at most {GROWTH})")
    sys.exit(0 if fits and growth <= GROWTH else 1)


if __name__ == "__main__":
    main()
