// Ids of maps and links that this process made: lists mark them. (Programs: attached.h.) Thread-safe.
#pragma once
#include <cstdint>

#include "kernel_objects.h"

namespace xdpeek {

void remember_own(KernelKind kind, uint32_t id);
void forget_own(KernelKind kind, uint32_t id);
bool is_own(KernelKind kind, uint32_t id);

}  // namespace xdpeek
