// Echo responder on AF_XDP: one socket a queue, frames answered where they lie. One thread for all sockets, or one each.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "attachment.h"
#include "bpf_object.h"
#include "target.h"
#include "xsk_socket.h"

namespace xdpeek {

struct XskEchoOptions {
  Target target;
  ZeroCopy zero_copy = ZeroCopy::kAuto;
  bool thread_each = false;
  /// xsk_alternate instead of xsk_echo_reply: every second packet of whatever kind comes here; what is no ping is thrown away.
  bool every_second = false;
  std::string bpf_dir;
};

class XskEcho {
 public:
  /// Loads the program of bpf/library, opens the sockets, attaches. Throws as a capture does.
  explicit XskEcho(XskEchoOptions options);
  /// Detaches first, so that no packet is taken away that nobody answers.
  ~XskEcho();
  XskEcho(const XskEcho&) = delete;
  XskEcho& operator=(const XskEcho&) = delete;

  struct Queue {
    uint32_t queue;
    bool zero_copy;
    uint64_t received, answered, ignored, tx_full, fill_empty, rx_dropped;
  };
  std::vector<Queue> counts() const;

 private:
  struct Lane {
    std::unique_ptr<XskSocket> socket;
    bool within = false;  ///< of the lane's thread: between the buffers of one packet
    std::atomic<uint64_t> received{0}, answered{0}, ignored{0}, tx_full{0};
  };
  void open_sockets(const XskEchoOptions& options);
  void serve(size_t first, size_t end);
  static bool answer(Lane& lane);

  BpfObject object_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<Attachment> attachment_;
  std::atomic<bool> stop_{false};
  UniqueFd wake_;
  std::vector<std::thread> threads_;
};

}  // namespace xdpeek
