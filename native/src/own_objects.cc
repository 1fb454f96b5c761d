#include "own_objects.h"

#include <mutex>
#include <set>

#include "attached.h"

namespace xdpeek {
namespace {
std::mutex mutex;
std::set<std::pair<KernelKind, uint32_t>> own;
}  // namespace

void remember_own(KernelKind kind, uint32_t id) {
  if (kind == KernelKind::kProgram) return remember_own_program(id);
  const std::lock_guard lock(mutex);
  own.emplace(kind, id);
}

void forget_own(KernelKind kind, uint32_t id) {
  if (kind == KernelKind::kProgram) return forget_own_program(id);
  const std::lock_guard lock(mutex);
  own.erase({kind, id});
}

bool is_own(KernelKind kind, uint32_t id) {
  if (kind == KernelKind::kProgram) return is_own_program(id);
  const std::lock_guard lock(mutex);
  return own.contains({kind, id});
}

}  // namespace xdpeek
