// Network namespaces by name, entered only on threads that end afterwards: the caller's namespace never changes, so no
// later call on any thread can land in a namespace by accident.
#pragma once
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "unique_fd.h"

namespace xdpeek {

/// A name under /run/netns or "pid:N"; nullopt = the namespace this process runs in.
using NetnsName = std::optional<std::string>;

/// " in network namespace X", or nothing for our own: the end of a `tried` text.
std::string in_netns(const NetnsName& name);

/// Throws EINVAL unless `name` is "pid:N" or one plain path component of at most 255 bytes without '%' or control bytes.
void check_netns_name(const std::string& name);

/// An fd that is verified to be a network namespace (nsfs, NS_GET_NSTYPE). Throws ENOENT with a hint where there is none.
UniqueFd open_netns(const std::string& name);

struct NetnsEntry {
  NetnsName name;  ///< nullopt = ours
  UniqueFd fd;
};

/// Ours first, then each distinct namespace that /run/netns names, in the order of names. What is not a namespace is left out.
std::vector<NetnsEntry> all_netns();

/// Runs `body` on a new thread inside the namespace and waits; rethrows what it throws. `label` is for the error of entering.
void run_in_netns_fd(int netns_fd, const std::string& label, const std::function<void()>& body);

/// Runs `body` in the namespace named; on the caller's own thread when that is ours.
void run_in_netns(const NetnsName& name, const std::function<void()>& body);

/// As above, with a result.
template <class Body>
auto call_in_netns(const NetnsName& name, Body&& body) -> decltype(body()) {
  std::optional<decltype(body())> result;
  run_in_netns(name, [&] { result.emplace(body()); });
  return std::move(*result);
}

}  // namespace xdpeek
