// bpf_link attachments for XDP and TCX, and the words for each way they can be refused.
#include "attachment.h"

#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <cerrno>

#include "attached.h"
#include "errors.h"
#include "netlink.h"
#include "interfaces.h"

namespace xdpeek {
namespace {

class LinkAttachment final : public Attachment {
 public:
  LinkAttachment(UniqueFd fd, const char* via, const char* mode, std::string note) : fd_(std::move(fd)), via_(via), mode_(mode), note_(std::move(note)) {}
  const char* via() const override { return via_; }
  const char* actual_mode() const override { return mode_; }
  std::string note() const override { return note_; }
  int link_fd() const override { return fd_.get(); }
  bool alive() const override {
    bpf_link_info info{};
    uint32_t length = sizeof info;
    if (bpf_link_get_info_by_fd(fd_.get(), &info, &length) < 0) return false;
    // Both kinds keep the interface index in the same place of the union's own struct; 0 = let go.
    return (info.type == BPF_LINK_TYPE_XDP ? info.xdp.ifindex : info.tcx.ifindex) != 0;
  }

 private:
  UniqueFd fd_;
  const char* via_;
  const char* mode_;
  std::string note_;
};

/// "program 'xdp_pass' (id 42) in generic mode", of whoever holds the interface now.
std::string holder(const Target& target) {
  std::string text;
  try {
    for (const Interface& each : list_interfaces_in(target.netns))
      if (each.ifindex == target.ifindex && each.netns == target.netns)
        for (const AttachedProgram& program : each.attached)
          if (std::string(program.hook) == "xdp")
            text = "program '" + program.name + "' (id " + std::to_string(program.id) + ")" + (program.mode ? std::string(" in ") + program.mode + " mode" : "");
  } catch (const Failure&) {
  }
  return text.empty() ? "another XDP program" : text;
}

[[noreturn]] void refuse_xdp(int error, const Target& target, bool native) {
  const std::string tried = "attach to " + describe(target);
  switch (error) {
    case EBUSY:
    case EEXIST:
      throw Failure("EBUSY", tried, "the interface already runs " + holder(target),
                    "xdpeek never replaces a program that it did not attach: look at its packets with --hook observe, capture beside it with --hook tc-ingress, or detach it first.");
    case EOPNOTSUPP:
      throw Failure(error, tried, native ? "The driver has no native XDP: use generic mode, or auto." : "This kernel has no generic XDP for such an interface; use a tc hook.");
    case EPERM:
    case EACCES:
      throw Failure(error, tried, "Attaching eBPF programs needs root, or CAP_BPF and CAP_NET_ADMIN in the namespace of the interface.");
    case ERANGE:
    case EINVAL:
      throw Failure(error, tried, native ? "The driver refuses native XDP as the interface is set up now (large MTU, LRO, or too few queues): use generic mode, or auto." : "The interface refuses XDP as it is set up now; use a tc hook.");
    case ENODEV:
      throw Failure(error, tried, "The interface went away while attaching.");
    default:
      throw Failure(error, tried);
  }
}

/// Offload needs a NIC that runs the program itself, loaded for it; of the drivers in Linux only nfp has had it.
[[noreturn]] void refuse_offload(int error, const Target& target) {
  if (error == EBUSY || error == EEXIST || error == EPERM || error == ENODEV) refuse_xdp(error, target, true);
  const std::string driver = target.driver.empty() ? "the driver" : "the driver " + target.driver;
  throw Failure("EOPNOTSUPP", "attach to " + describe(target), driver + " cannot run this program on the network card",
                "Use native mode, or auto: offload needs a card that runs eBPF itself, and programs without ring buffers.");
}

std::string why_not_native(int error) {
  if (error == EOPNOTSUPP) return "the driver has no native XDP, so generic mode is used (slower: packets are seen after the kernel made its own buffers)";
  return std::string("the driver refused native XDP (") + errno_name(error) + "), so generic mode is used";
}

}  // namespace

std::unique_ptr<Attachment> attach_xdp(const Target& target, int program_fd) {
  auto create = [&](uint32_t flags) {
    return call_in_netns(target.netns, [&] {
      LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
      UniqueFd fd(bpf_link_create(program_fd, target.ifindex, BPF_XDP, &options));
      return std::pair(std::move(fd), errno);
    });
  };
  auto hold = [](UniqueFd fd, const char* mode, std::string note) { return std::make_unique<LinkAttachment>(std::move(fd), "xdp-link", mode, std::move(note)); };

  std::string note;
  if (target.mode == XdpMode::kOffload) {
    auto [fd, error] = create(XDP_FLAGS_HW_MODE);
    if (fd) return hold(std::move(fd), "offload", {});
    refuse_offload(error, target);
  }
  if (target.mode != XdpMode::kGeneric) {
    auto [fd, error] = create(XDP_FLAGS_DRV_MODE);
    if (fd) return hold(std::move(fd), "native", {});
    const bool may_fall_back = target.mode == XdpMode::kAuto && (error == EOPNOTSUPP || error == EINVAL || error == ERANGE || error == ENOSPC || error == ENOMEM);
    if (!may_fall_back) refuse_xdp(error, target, true);
    note = why_not_native(error);
  }
  auto [fd, error] = create(XDP_FLAGS_SKB_MODE);
  if (!fd) refuse_xdp(error, target, false);
  return hold(std::move(fd), "generic", note);
}

std::unique_ptr<Attachment> attach_tcx(const Target& target, int program_fd) {
  const bool ingress = target.hook == Hook::kTcIngress;
  auto [fd, error] = call_in_netns(target.netns, [&] {
    // Ingress: before all others, who may drop or change. Egress: behind all others, to see what really leaves.
    const bool first = target.order == TcxOrder::kDefault ? ingress : target.order == TcxOrder::kFirst;
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = first ? uint32_t{BPF_F_BEFORE} : uint32_t{BPF_F_AFTER});
    UniqueFd link(bpf_link_create(program_fd, target.ifindex, ingress ? BPF_TCX_INGRESS : BPF_TCX_EGRESS, &options));
    return std::pair(std::move(link), errno);
  });
  if (fd) return std::make_unique<LinkAttachment>(std::move(fd), "tcx-link", nullptr, std::string());
  if (error == EINVAL || error == EOPNOTSUPP) return nullptr;
  throw Failure(error, "attach to " + describe(target), error == EPERM ? "Attaching eBPF programs needs root, or CAP_BPF and CAP_NET_ADMIN in the namespace of the interface." : "");
}

}  // namespace xdpeek
