// The programs of one slot, in the order a packet meets them: entry, the filter if there is one, take. They call each other through the
// object's `stages` array (bpf/capture.h), so that a filter is changed by one store.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "bpf_object.h"
#include "filter_program.h"
#include "unique_fd.h"

namespace xdpeek {

struct PipelinePrograms {
  const char* entry;
  const char* take;
  FilterContext context;
};

class Pipeline {
 public:
  /// `object` is loaded. The packet goes straight from entry to take until a filter is set.
  Pipeline(std::unique_ptr<BpfObject> object, PipelinePrograms programs, uint32_t slot, bool ethernet);

  BpfObject& object() { return *object_; }
  int entry_fd() const { return object_->program_fd(programs_.entry); }
  uint32_t entry_id() const { return object_->program_id(programs_.entry); }

  /// fentry programs are loaded for the program that they look at.
  void observe(int program_fd, uint32_t function_id) { observed_fd_ = program_fd, observed_function_ = function_id; }
  /// Loads without using it: what can fail, fails here.
  UniqueFd load_filter(const std::vector<ClassicInstruction>& code) const;
  /// From the next packet on; an empty fd = no filter.
  void use_filter(UniqueFd filter);

 private:
  std::unique_ptr<BpfObject> object_;
  PipelinePrograms programs_;
  uint32_t slot_;
  bool ethernet_;
  int observed_fd_ = 0;
  uint32_t observed_function_ = 0;
  UniqueFd filter_;
};

}  // namespace xdpeek
