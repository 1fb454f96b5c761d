#include "program_attachment.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "attached.h"
#include "errors.h"
#include "own_objects.h"
#include "perf_attach.h"
#include "pin_folder.h"
#include "program_place.h"

namespace xdpeek {
namespace {

constexpr const char* kForce = "Replace it with --force (or its id), or detach it first.";

std::string tried_text(const AttachWish& wish) { return "attach program " + std::to_string(wish.program_id) + " to " + describe(wish.target); }

/// Hints of a capture ("--hook observe…") are not what somebody who attaches a program of their own needs.
[[noreturn]] void with_hint(const Failure& failure, const std::string& hint) {
  const std::string prefix = "cannot " + failure.tried() + ": ", what = failure.what();
  throw Failure(failure.code(), failure.tried(), what.starts_with(prefix) ? what.substr(prefix.size()) : what, hint);
}

uint32_t program_of_link(int fd) {
  bpf_link_info info{};
  uint32_t length = sizeof info;
  return bpf_link_get_info_by_fd(fd, &info, &length) == 0 ? info.prog_id : 0;
}

}  // namespace

ProgramAttachment::ProgramAttachment(AttachWish wish, const std::vector<std::shared_ptr<UserObject>>& objects) : wish_(std::move(wish)), program_(open_by_id(KernelKind::kProgram, wish_.program_id)) {
  // Before anything is done: who replaced a program in a link of somebody else's cannot undo that.
  if (!wish_.pin.empty() && ::access(pin_path(wish_.pin).c_str(), F_OK) == 0) throw Failure(EEXIST, "keep it attached as " + pin_path(wish_.pin), "Choose another name: this one is taken.");
  if (wish_.replace && wish_.kind != AttachWish::Kind::kInterface) throw Failure("EINVAL", "attach program " + std::to_string(wish_.program_id), "only programs of interfaces can be replaced");
  switch (wish_.kind) {
    case AttachWish::Kind::kInterface: attach_interface(); break;
    case AttachWish::Kind::kTracepoint: hold(wish_.raw ? link_raw_tracepoint(program_.get(), wish_.name) : link_tracepoint(program_.get(), wish_.name), wish_.raw ? "raw-tracepoint-link" : "perf-link"); break;
    case AttachWish::Kind::kKprobe: hold(link_kprobe(program_.get(), wish_.name, wish_.at_return), "perf-link"); break;
    case AttachWish::Kind::kSocket:
      wish_.target.hook = Hook::kSocket;
      resolve(wish_.target);
      take(attach_socket(wish_.target, program_.get()));
      break;
    case AttachWish::Kind::kObject: attach_object(objects); break;
    case AttachWish::Kind::kUdp: take(attach_udp(wish_.target.netns, wish_.port, program_.get())); break;
  }
  if (wish_.pin.empty()) return;
  const int fd = held_ ? held_->link_fd() : link_.get();
  const std::string path = pin_path(wish_.pin);
  if (fd < 0) throw Failure("EOPNOTSUPP", "keep it attached as " + path, "it is not held by a bpf_link, which alone can be pinned");
  make_pin_folder(wish_.pin.find('/') == std::string::npos ? "" : wish_.pin.substr(0, wish_.pin.find('/')));
  if (bpf_obj_pin(fd, path.c_str()) < 0) throw Failure(errno, "keep it attached as " + path, errno == EEXIST ? "Choose another name: this one is taken." : "");
  pin_path_ = path;
}

ProgramAttachment::~ProgramAttachment() {
  if (link_id_ != 0) forget_own(KernelKind::kLink, link_id_);
  if (foreign_link_ && pin_path_.empty() && program_of_link(link_.get()) == wish_.program_id) bpf_link_detach(link_.get());
}

void ProgramAttachment::hold(UniqueFd link, const char* via) {
  link_ = std::move(link);
  via_ = via;
  bpf_link_info info{};
  uint32_t length = sizeof info;
  if (bpf_link_get_info_by_fd(link_.get(), &info, &length) < 0) return;  // a perf event of an old kernel
  link_id_ = info.id;
  remember_own(KernelKind::kLink, link_id_);
}

void ProgramAttachment::take(std::unique_ptr<Attachment> held) {
  held_ = std::move(held);
  via_ = held_->via();
  mode_ = held_->actual_mode() ? held_->actual_mode() : "";
  if (note_.empty()) note_ = held_->note();
  bpf_link_info info{};
  uint32_t length = sizeof info;
  if (held_->link_fd() < 0 || bpf_link_get_info_by_fd(held_->link_fd(), &info, &length) < 0) return;
  link_id_ = info.id;
  remember_own(KernelKind::kLink, link_id_);
}

void ProgramAttachment::attach_interface() {
  Target& target = wish_.target;
  resolve(target);
  const std::string tried = tried_text(wish_);
  if (wish_.replace) replace_on_interface(tried);
  if (!via_.empty()) return;
  if (target.is_tc()) {
    std::unique_ptr<Attachment> held = attach_tcx(target, program_.get());
    take(held ? std::move(held) : attach_clsact(target, program_.get(), wish_.program_id, "/run/xdpeek"));
    return;
  }
  try {
    take(attach_xdp(target, program_.get()));
  } catch (const Failure& failure) {
    if (failure.code() == "EBUSY") with_hint(failure, kForce);
    throw;
  }
}

void ProgramAttachment::replace_on_interface(const std::string& tried) {
  Target& target = wish_.target;
  Present present = present_at(target, wish_.expected_id);
  check_expected(present, wish_.expected_id, tried);
  if (present.program_id == 0) return;  // nothing to replace: it is attached as usual
  static constexpr const char* kModes[] = {"", "native", "generic", "offload"};
  const bool same_mode = target.is_tc() || target.mode == XdpMode::kAuto || present.mode == kModes[static_cast<int>(target.mode)];
  if (present.link && same_mode) {
    const UniqueFd old = open_by_id(KernelKind::kProgram, present.program_id);
    LIBBPF_OPTS(bpf_link_update_opts, options, .flags = BPF_F_REPLACE, .old_prog_fd = static_cast<uint32_t>(old.get()));
    if (bpf_link_update(present.link.get(), program_.get(), &options) < 0)
      throw Failure(errno, tried, errno == EPERM ? "Another program took its place just now." : errno == EINVAL ? "Both must be of one kind: a program for packets in several buffers (xdp.frags) replaces none of the other kind." : "");
    replaced_id_ = present.program_id;
    mode_ = present.mode;
    note_ = "swapped between two packets, within the link that program " + std::to_string(present.program_id) + " had";
    foreign_link_ = true;
    hold(std::move(present.link), target.is_tc() ? "tcx-link" : "xdp-link");
    return;
  }
  if (target.is_tc()) throw Failure("EOPNOTSUPP", tried, "program " + std::to_string(present.program_id) + " was attached by tc, whose filters are not replaced", "Detach it first: tc runs several, so both can also run beside each other.");
  take_off(target, present, tried);
  replaced_id_ = present.program_id;
  try {
    take(attach_xdp(target, program_.get()));
  } catch (const Failure&) {
    if (!present.link) put_back(target, present);
    throw;
  }
  note_ += std::string(note_.empty() ? "" : "; ") + "for a moment the interface had no program: " + (present.link ? "the mode was changed" : "the old one was not held by a link");
}

void ProgramAttachment::attach_object(const std::vector<std::shared_ptr<UserObject>>& objects) {
  for (const std::shared_ptr<UserObject>& object : objects)
    for (const UserObject::Program& each : object->programs()) {
      if (each.id != wish_.program_id || !each.program) continue;
      const std::string tried = "attach " + each.name + " where its section says (" + each.section + ")";
      // uprobe, uretprobe, usdt: libbpf would open the file that the section names.
      if (each.section.starts_with("u")) throw Failure("EOPNOTSUPP", tried, "its section names a file, and the root process opens none that others name");
      bpf_link* link = bpf_program__attach(each.program);
      if (!link) throw Failure(errno, tried, errno == EOPNOTSUPP ? "Its section names no place: choose one." : "");
      const UniqueFd fd(dup(bpf_link__fd(link)));
      bpf_link__destroy(link);
      if (!fd) throw Failure(errno, tried);
      object_ = object;
      hold(UniqueFd(dup(fd.get())), "link");
      return;
    }
  throw Failure("ENOENT", "attach program " + std::to_string(wish_.program_id), "it is of no object that is open here, so its own target is not known", "Name an interface, a tracepoint or a function.");
}

std::string ProgramAttachment::lost_because() const {
  if (held_ && !held_->alive()) return held_->lost_because();
  const int fd = held_ ? held_->link_fd() : link_.get();
  if (fd < 0 || link_id_ == 0) return {};
  bpf_link_info info{};
  uint32_t length = sizeof info;
  if (bpf_link_get_info_by_fd(fd, &info, &length) < 0) return "its link is gone";
  if (info.prog_id != wish_.program_id) return "program " + std::to_string(info.prog_id) + " took its place";
  const bool on_interface = info.type == BPF_LINK_TYPE_XDP || info.type == BPF_LINK_TYPE_TCX;
  if (on_interface && (info.type == BPF_LINK_TYPE_XDP ? info.xdp.ifindex : info.tcx.ifindex) == 0) return "somebody detached it, or the interface is gone";
  return {};
}

void detach_from(AttachWish wish, uint32_t expected_id) {
  if (wish.kind != AttachWish::Kind::kInterface) throw Failure("EINVAL", "detach program " + std::to_string(expected_id), "it is not on an interface", "Detach its link instead.");
  resolve(wish.target);
  const std::string tried = "detach program " + std::to_string(expected_id) + " from " + describe(wish.target);
  const Present present = present_at(wish.target, expected_id);
  check_expected(present, expected_id, tried);
  take_off(wish.target, present, tried);
}

void detach_link(uint32_t link_id, uint32_t expected_program_id) {
  const std::string tried = "detach link " + std::to_string(link_id);
  const UniqueFd fd = open_by_id(KernelKind::kLink, link_id);
  Present present;
  present.program_id = program_of_link(fd.get());
  check_expected(present, expected_program_id, tried);
  if (bpf_link_detach(fd.get()) < 0) throw Failure(errno, tried, errno == EOPNOTSUPP ? "Such a link can only be ended by the process that holds it." : "");
}

}  // namespace xdpeek
