// A program of the workbench on its hook, held by a link (or a socket, or a clsact filter on old kernels). Destroying it detaches, unless it is pinned.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "attachment.h"
#include "target.h"
#include "user_object.h"

namespace xdpeek {

struct AttachWish {
  enum class Kind { kInterface, kTracepoint, kKprobe, kSocket, kObject, kUdp };
  uint32_t program_id = 0;
  Kind kind = Kind::kInterface;
  Target target;            ///< interface and socket; of udp the namespace
  uint16_t port = 0;        ///< udp
  std::string name;         ///< tracepoint "group:name", kernel function
  bool raw = false;         ///< raw tracepoint
  bool at_return = false;   ///< kretprobe
  bool replace = false;
  uint32_t expected_id = 0;
  std::string pin;
};

class ProgramAttachment {
 public:
  /// `objects` is for Kind::kObject. Throws as attach_* do; with `replace`, ESTALE unless the expected program is there.
  ProgramAttachment(AttachWish wish, const std::vector<std::shared_ptr<UserObject>>& objects);
  ~ProgramAttachment();
  ProgramAttachment(const ProgramAttachment&) = delete;
  ProgramAttachment& operator=(const ProgramAttachment&) = delete;

  const AttachWish& wish() const { return wish_; }
  uint32_t link_id() const { return link_id_; }
  std::string via() const { return via_; }
  std::string actual_mode() const { return mode_; }
  std::string note() const { return note_; }
  uint32_t replaced_id() const { return replaced_id_; }
  std::string pin_path_used() const { return pin_path_; }
  /// Empty while it holds.
  std::string lost_because() const;

 private:
  void attach_interface();
  void replace_on_interface(const std::string& tried);
  void attach_tracepoint();
  void attach_kprobe();
  void attach_object(const std::vector<std::shared_ptr<UserObject>>& objects);
  void hold(UniqueFd link, const char* via);
  void take(std::unique_ptr<Attachment> held);

  AttachWish wish_;
  UniqueFd program_;
  UniqueFd link_;
  /// Ours by replacing the program of somebody's link: detaching it is up to us, since closing our fd is not enough.
  bool foreign_link_ = false;
  std::unique_ptr<Attachment> held_;
  std::shared_ptr<UserObject> object_;
  uint32_t link_id_ = 0, replaced_id_ = 0;
  std::string via_, mode_, note_, pin_path_;
};

/// Anybody's program, only while it is the expected one.
void detach_from(AttachWish wish, uint32_t expected_id);
void detach_link(uint32_t link_id, uint32_t expected_program_id);

}  // namespace xdpeek
