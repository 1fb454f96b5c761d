#include "confinement.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "errors.h"

namespace xdpeek {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
/// Calls of the x32 ABI come with this bit, under the same architecture.
constexpr uint32_t kForeignCalls = 0x40000000;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
constexpr uint32_t kForeignCalls = 0xffffffff;
#else
#error "no list of system calls for this architecture"
#endif

constexpr uint32_t kRefused[] = {
    // Other programs and other processes.
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_pidfd_getfd, SYS_kcmp,
    // Who we are, and whose files are.
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_setfsuid, SYS_setfsgid, SYS_fchownat, SYS_fchown,
    // Names for files that are not ours to give.
    SYS_linkat, SYS_symlinkat, SYS_mknodat, SYS_open_by_handle_at, SYS_chroot, SYS_pivot_root,
    // The tree of files. (mount and fsmount stay: bpffs and tracefs where nobody has mounted them.)
    SYS_umount2, SYS_move_mount, SYS_open_tree, SYS_mount_setattr, SYS_fspick,
    // The machine.
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_settimeofday, SYS_clock_settime,
    SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname, SYS_quotactl, SYS_syslog,
    // Ways around this list. (The ring that libuv has made already only tells it of ready descriptors.)
    SYS_io_uring_setup, SYS_userfaultfd, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_personality,
#if defined(__x86_64__)
    SYS_chown, SYS_lchown, SYS_link, SYS_symlink, SYS_mknod, SYS_iopl, SYS_ioperm, SYS_kexec_file_load, SYS_modify_ldt,
#endif
};

constexpr sock_filter statement(uint16_t code, uint32_t k) { return {code, 0, 0, k}; }
constexpr sock_filter jump(uint16_t code, uint32_t k, uint8_t yes, uint8_t no) { return {code, yes, no, k}; }

}  // namespace

bool is_limited() { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }

void limit_capabilities(const std::vector<uint32_t>& keep) {
  const std::string tried = "give up capabilities that are not needed";
  const auto kept = [&](uint32_t capability) { return std::find(keep.begin(), keep.end(), capability) != keep.end(); };
  for (uint32_t each = 0; prctl(PR_CAPBSET_READ, each, 0, 0, 0) >= 0; each++)
    if (!kept(each) && prctl(PR_CAPBSET_DROP, each, 0, 0, 0) < 0 && errno != EPERM) throw Failure(errno, tried);
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) < 0) throw Failure(errno, tried);
  for (uint32_t word = 0; word < _LINUX_CAPABILITY_U32S_3; word++) {
    uint32_t mask = 0;
    for (uint32_t bit = 0; bit < 32; bit++) mask |= kept(32 * word + bit) ? 1U << bit : 0;
    sets[word].effective &= mask;
    sets[word].permitted &= mask;
    sets[word].inheritable &= mask;
  }
  if (syscall(SYS_capset, &header, sets) < 0) throw Failure(errno, tried);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) throw Failure(errno, tried);
}

void filter_system_calls() {
  constexpr size_t kCount = std::size(kRefused);
  static_assert(kCount < 250, "jumps of classic BPF reach 255 instructions");
  std::vector<sock_filter> program = {
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      jump(BPF_JMP | BPF_JGE | BPF_K, kForeignCalls, kCount + 1, 0),
  };
  for (size_t i = 0; i < kCount; i++) program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, kRefused[i], static_cast<uint8_t>(kCount - i), 0));
  program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  const sock_fprog filter = {static_cast<unsigned short>(program.size()), program.data()};
  // All threads at once: those of the JavaScript engine run already.
  const long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (failed != 0) throw Failure(failed < 0 ? errno : EAGAIN, "install the filter of system calls");
}

}  // namespace xdpeek
