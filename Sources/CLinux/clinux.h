// The kernel's and glibc's declarations that Swift cannot import by itself: variadic calls, function-like macros
// (`_IO`, `CPUID`), and globals that Swift 6 rightly calls shared mutable state (`optarg`). No logic lives here.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <dirent.h>
#include <dlfcn.h>
#include <getopt.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <linux/psp-sev.h>
#include <linux/vhost.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

// GNU extensions, declared by hand: _GNU_SOURCE here would change types that Swift's Glibc module has already laid out.
extern const char *strerrorname_np(int error);
extern int pipe2(int ends[2], int flags);
extern void *memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);
#define CLINUX_O_PATH 010000000

static inline int clinux_errno(void) { return errno; }

static inline int clinux_open(const char *path, int flags) { return open(path, flags); }

static inline int clinux_create(const char *path, int flags, unsigned mode) { return open(path, flags, mode); }

// F_OFD_GETLK (Linux 3.15) has its number behind _GNU_SOURCE. 1: another open file holds a lock on the byte.
static inline int clinux_is_locked(int fd, long long offset) {
    struct flock lock = {0};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = offset;
    lock.l_len = 1;
    return fcntl(fd, 36 /* F_OFD_GETLK */, &lock) < 0 ? -1 : lock.l_type != F_UNLCK;
}

static inline int clinux_ioctl(int fd, unsigned long request, unsigned long argument) {
    return ioctl(fd, request, argument);
}

static inline int clinux_ioctl_pointer(int fd, unsigned long request, void *argument) {
    return ioctl(fd, request, argument);
}

// openat2(2), Linux 5.6; its struct is laid out here because glibc 2.36 and older headers have none.
struct clinux_open_how {
    uint64_t flags, mode, resolve;
};
#define CLINUX_RESOLVE_NO_MAGICLINKS 0x02ull
#define CLINUX_RESOLVE_IN_ROOT 0x10ull
static inline int clinux_open_in_root(int root, const char *path, int flags) {
    struct clinux_open_how how = {(uint64_t)flags, 0, CLINUX_RESOLVE_IN_ROOT | CLINUX_RESOLVE_NO_MAGICLINKS};
    return (int)syscall(437 /* __NR_openat2 on every architecture */, root, path, &how, sizeof how);
}

static inline unsigned clinux_major(dev_t device) { return major(device); }
static inline unsigned clinux_minor(dev_t device) { return minor(device); }
// <unistd.h> hides them from Swift, which does not define _GNU_SOURCE.
static const int CLINUX_SEEK_DATA = 3;
static const int CLINUX_SEEK_HOLE = 4;

// ioctl numbers: function-like macros are invisible to Swift.
static const unsigned long CLINUX_KVM_GET_API_VERSION = KVM_GET_API_VERSION;
static const unsigned long CLINUX_KVM_CREATE_VM = KVM_CREATE_VM;
static const unsigned long CLINUX_KVM_CHECK_EXTENSION = KVM_CHECK_EXTENSION;
static const unsigned long CLINUX_KVM_GET_VCPU_MMAP_SIZE = KVM_GET_VCPU_MMAP_SIZE;
static const unsigned long CLINUX_KVM_SET_USER_MEMORY_REGION = KVM_SET_USER_MEMORY_REGION;
static const unsigned long CLINUX_KVM_CREATE_VCPU = KVM_CREATE_VCPU;
static const unsigned long CLINUX_KVM_RUN = KVM_RUN;
static const unsigned long CLINUX_KVM_SET_ONE_REG = KVM_SET_ONE_REG;
#if defined(__x86_64__)
static const unsigned long CLINUX_KVM_GET_SUPPORTED_CPUID = KVM_GET_SUPPORTED_CPUID;
static const unsigned long CLINUX_KVM_GET_MSR_FEATURE_INDEX_LIST = KVM_GET_MSR_FEATURE_INDEX_LIST;
static const unsigned long CLINUX_KVM_GET_MSRS = KVM_GET_MSRS;
static const unsigned long CLINUX_KVM_SET_MSRS = KVM_SET_MSRS;
static const unsigned long CLINUX_KVM_SET_CPUID2 = KVM_SET_CPUID2;
static const unsigned long CLINUX_KVM_GET_REGS = KVM_GET_REGS;
static const unsigned long CLINUX_KVM_SET_REGS = KVM_SET_REGS;
static const unsigned long CLINUX_KVM_GET_SREGS = KVM_GET_SREGS;
static const unsigned long CLINUX_KVM_SET_SREGS = KVM_SET_SREGS;
#endif
// linux/kvm.h defines these two for arm64 only; the numbers are part of the ABI (Documentation/virt/kvm/api.rst).
static const unsigned long CLINUX_KVM_ARM_VCPU_INIT = _IOC(_IOC_WRITE, KVMIO, 0xae, 32);
static const unsigned long CLINUX_KVM_ARM_PREFERRED_TARGET = _IOC(_IOC_READ, KVMIO, 0xaf, 32);
static const unsigned long CLINUX_TUNGETFEATURES = TUNGETFEATURES;
static const unsigned long CLINUX_VHOST_GET_FEATURES = VHOST_GET_FEATURES;
static const unsigned long CLINUX_SEV_ISSUE_CMD = SEV_ISSUE_CMD;

// CPUID, where there is one: 1 if the leaf exists.
static inline int clinux_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]) {
#if defined(__x86_64__) || defined(__i386__)
    return __get_cpuid_count(leaf, subleaf, &registers[0], &registers[1], &registers[2], &registers[3]);
#else
    (void)leaf, (void)subleaf, (void)registers;
    return 0;
#endif
}

// Interrupts a KVM_RUN that does not come back: SIGALRM without SA_RESTART makes the ioctl return EINTR.
static inline void clinux_ignore_alarm(int signal) { (void)signal; }
static inline int clinux_set_alarm_action(struct sigaction *previous) {
    struct sigaction action = {0};
    action.sa_handler = clinux_ignore_alarm;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGALRM, &action, previous);
}

// bpf(2) has no wrapper in glibc. Asks how many BPF_CGROUP_DEVICE programs are attached to a cgroup.
static inline int clinux_bpf_query_devices(int cgroup) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.query.target_fd = (uint32_t)cgroup;
    attributes.query.attach_type = BPF_CGROUP_DEVICE;
    return (int)syscall(SYS_bpf, BPF_PROG_QUERY, &attributes, sizeof attributes);
}

// For threads beside the one that runs a guest: the alarm must reach that one.
static inline void clinux_block_alarm(void) {
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarms, 0);
}

// getopt_long(3) keeps its state in globals.
static inline void clinux_getopt_reset(void) { optind = 0; opterr = 0; }
static inline const char *clinux_optarg(void) { return optarg; }
static inline int clinux_optind(void) { return optind; }
static inline int clinux_optopt(void) { return optopt; }

// SIG_IGN is a macro over a cast. A write to a closed pipe, or past RLIMIT_FSIZE, then returns an error.
static inline void clinux_ignore_write_signals(void) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}
