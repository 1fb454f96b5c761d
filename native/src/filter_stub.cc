#include "filter_program.h"
#include "errors.h"
namespace xdpeek {
UniqueFd load_filter(const std::vector<ClassicInstruction>&, FilterContext, const FilterStage&, int, uint32_t) { throw Failure("FILTER", "load a filter", "not yet"); }
}
