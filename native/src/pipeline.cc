// See pipeline.h.
#include "pipeline.h"

#include <bpf/bpf.h>

#include <cerrno>

#include "errors.h"
#include "probe.h"

namespace xdpeek {
namespace {

constexpr uint32_t kFirst = 0, kCapture = 1;  // STAGE_* of bpf/capture.h

void set_stage(BpfObject& object, uint32_t stage, int program_fd) {
  if (bpf_map_update_elem(object.map_fd("stages"), &stage, &program_fd, BPF_ANY) < 0) throw Failure(errno, "put a program in front of the capture");
}

}  // namespace

Pipeline::Pipeline(std::unique_ptr<BpfObject> object, PipelinePrograms programs, uint32_t slot, bool ethernet)
    : object_(std::move(object)), programs_(programs), slot_(slot), ethernet_(ethernet) {
  const int take = object_->program_fd(programs_.take);
  set_stage(*object_, kCapture, take);
  set_stage(*object_, kFirst, take);
}

UniqueFd Pipeline::load_filter(const std::vector<ClassicInstruction>& code) const {
  FilterStage stage;
  stage.stages_fd = object_->map_fd("stages");
  stage.next = kCapture;
  stage.counters_fd = object_->map_fd("counters");
  stage.slot = slot_;
  stage.fragments = capabilities().xdp_multi_buffer;
  stage.ethernet = ethernet_;
  return xdpeek::load_filter(code, programs_.context, stage, observed_fd_, observed_function_);
}

void Pipeline::use_filter(UniqueFd filter) {
  set_stage(*object_, kFirst, filter ? filter.get() : object_->program_fd(programs_.take));
  filter_ = std::move(filter);
}

}  // namespace xdpeek
