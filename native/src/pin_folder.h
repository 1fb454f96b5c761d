// xdpeek's own folder in bpffs: the only place where it pins. Names are one plain component, or a folder and one.
#pragma once
#include <string>

namespace xdpeek {

/// Path of a pin. Throws EINVAL for what is not such a name.
std::string pin_path(const std::string& name);
/// Makes xdpeek's folder, and one in it unless `folder` is empty (0700). Mounts bpffs at /sys/fs/bpf where nobody has.
void make_pin_folder(const std::string& folder);
/// Removes folders that became empty.
void tidy_pin_folder(const std::string& name);

}  // namespace xdpeek
