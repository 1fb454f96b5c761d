// programs(), links(), maps(), pins(), programCode(), btf() and RunStatistics of native/index.d.ts.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <time.h>

#include <array>
#include <map>

#include "bpf_holders.h"
#include "errors.h"
#include "helper_symbols.h"
#include "interfaces.h"
#include "js_values.h"
#include "kernel_objects.h"
#include "own_objects.h"

namespace xdpeek {
namespace {

constexpr const char* kKindNames[] = {"program", "map", "link"};

/// Epoch ns of a time since boot; times of programs are boot time.
std::string epoch_text(uint64_t boot_ns) {
  timespec wall{}, boot{};
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  const auto ns = [](const timespec& t) { return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec); };
  return std::to_string(ns(wall) - ns(boot) + boot_ns);
}

std::string tag_text(const uint8_t (&tag)[BPF_TAG_SIZE]) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : tag) (text += digits[byte >> 4]) += digits[byte & 15];
  return text;
}

/// Where the objects of all lists are held and pinned, read once a list.
class Keepers {
 public:
  Keepers() : holders_(all_holders()) {
    for (const Pin& pin : all_pins()) pins_[{pin.kind, pin.id}].push_back(pin.path);
  }
  void tell(Napi::Env env, Napi::Object out, KernelKind kind, uint32_t id) const {
    const auto holders = holders_.find({kind, id});
    out["holders"] = js::array(env, holders == holders_.end() ? std::vector<Holder>() : holders->second, [&](const Holder& each) {
      Napi::Object one = Napi::Object::New(env);
      one["pid"] = each.pid;
      one["comm"] = each.comm;
      return one;
    });
    const auto pins = pins_.find({kind, id});
    out["pinned"] = js::array(env, pins == pins_.end() ? std::vector<std::string>() : pins->second, [&](const std::string& path) { return Napi::String::New(env, path); });
    out["ours"] = is_own(kind, id);
  }

 private:
  std::map<KernelId, std::vector<Holder>> holders_;
  std::map<KernelId, std::vector<std::string>> pins_;
};

Napi::Value programs(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const std::vector<ProgramRecord> list = list_programs();
    const Keepers keepers;
    return js::array(env, list, [&](const ProgramRecord& program) {
      const bpf_prog_info& each = program.info;
      const char* type = libbpf_bpf_prog_type_str(static_cast<bpf_prog_type>(each.type));
      Napi::Object out = Napi::Object::New(env);
      out["id"] = each.id;
      out["type"] = type ? std::string(type) : std::to_string(each.type);
      out["name"] = program.name;
      out["tag"] = tag_text(each.tag);
      out["uid"] = each.created_by_uid;
      out["loadedNs"] = epoch_text(each.load_time);
      out["gpl"] = each.gpl_compatible != 0;
      out["mapIds"] = js::array(env, program.map_ids, [&](uint32_t id) { return Napi::Number::New(env, id); });
      out["btfId"] = each.btf_id;
      out["instructions"] = each.xlated_prog_len / static_cast<uint32_t>(sizeof(bpf_insn));
      out["xlatedBytes"] = each.xlated_prog_len;
      out["jitedBytes"] = each.jited_prog_len;
      out["memoryBytes"] = js::number(env, program.memory_bytes);
      out["verified"] = each.verified_insns;
      out["runCount"] = js::number(env, each.run_cnt);
      out["runTimeNs"] = js::number(env, each.run_time_ns);
      keepers.tell(env, out, KernelKind::kProgram, each.id);
      return out;
    });
  });
}

Napi::Value maps(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const std::vector<MapRecord> list = list_maps();
    std::map<uint32_t, std::vector<uint32_t>> users;
    for (const ProgramRecord& program : list_programs())
      for (const uint32_t id : program.map_ids) users[id].push_back(program.info.id);
    const Keepers keepers;
    return js::array(env, list, [&](const MapRecord& map) {
      const bpf_map_info& each = map.info;
      const char* type = libbpf_bpf_map_type_str(static_cast<bpf_map_type>(each.type));
      Napi::Object out = Napi::Object::New(env);
      out["id"] = each.id;
      out["type"] = type ? std::string(type) : std::to_string(each.type);
      out["name"] = std::string(each.name);
      out["keyBytes"] = each.key_size;
      out["valueBytes"] = each.value_size;
      out["maxEntries"] = each.max_entries;
      out["flags"] = each.map_flags;
      out["memoryBytes"] = js::number(env, map.memory_bytes);
      out["frozen"] = map.frozen;
      out["btfId"] = each.btf_id;
      out["btfKeyTypeId"] = each.btf_key_type_id;
      out["btfValueTypeId"] = each.btf_value_type_id;
      out["programIds"] = js::array(env, users[each.id], [&](uint32_t id) { return Napi::Number::New(env, id); });
      keepers.tell(env, out, KernelKind::kMap, each.id);
      return out;
    });
  });
}

/// The interface that runs this program under this index: links do not say in which namespace it is.
const Interface* interface_of(const std::vector<Interface>& interfaces, const LinkRecord& link) {
  for (const Interface& each : interfaces)
    if (static_cast<uint32_t>(each.ifindex) == link.ifindex)
      for (const AttachedProgram& program : each.attached)
        if (program.id == link.info.prog_id) return &each;
  return nullptr;
}

std::string perf_event_words(const LinkRecord& link) {
  switch (link.info.perf_event.type) {
    case BPF_PERF_EVENT_TRACEPOINT: return "tracepoint " + link.name;
    case BPF_PERF_EVENT_KPROBE: return "kprobe " + link.name;
    case BPF_PERF_EVENT_KRETPROBE: return "kretprobe " + link.name;
    case BPF_PERF_EVENT_UPROBE: return "uprobe " + link.name;
    case BPF_PERF_EVENT_URETPROBE: return "uretprobe " + link.name;
    default: return "perf event";
  }
}

std::string target_words(const LinkRecord& link, const Interface* where) {
  const std::string place = where ? where->name + in_netns(where->netns) : "interface " + std::to_string(link.ifindex);
  switch (link.info.type) {
    case BPF_LINK_TYPE_XDP: return link.ifindex ? "xdp on " + place : "nothing: it was detached";
    case BPF_LINK_TYPE_TCX:
    case BPF_LINK_TYPE_NETKIT: return link.ifindex ? link.attach_type + " on " + place : "nothing: it was detached";
    case BPF_LINK_TYPE_RAW_TRACEPOINT: return "raw tracepoint " + link.name;
    case BPF_LINK_TYPE_PERF_EVENT: return perf_event_words(link);
    case BPF_LINK_TYPE_ITER: return "iterator " + link.name;
    case BPF_LINK_TYPE_TRACING: {
      const uint32_t object = link.info.tracing.target_obj_id;
      return link.attach_type + (object ? " on object " + std::to_string(object) : " on the kernel") + ", BTF id " + std::to_string(link.info.tracing.target_btf_id);
    }
    case BPF_LINK_TYPE_CGROUP: return link.attach_type + " on cgroup " + std::to_string(link.info.cgroup.cgroup_id);
    case BPF_LINK_TYPE_NETNS: return link.attach_type + " on network namespace " + std::to_string(link.info.netns.netns_ino);
    default: return "";
  }
}

Napi::Value links(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const std::vector<LinkRecord> list = list_links();
    const std::vector<Interface> interfaces = list_interfaces_in("*");
    const Keepers keepers;
    return js::array(env, list, [&](const LinkRecord& link) {
      const Interface* where = link.ifindex ? interface_of(interfaces, link) : nullptr;
      const char* type = libbpf_bpf_link_type_str(static_cast<bpf_link_type>(link.info.type));
      Napi::Object out = Napi::Object::New(env);
      out["id"] = link.info.id;
      out["type"] = type ? std::string(type) : std::to_string(link.info.type);
      out["programId"] = link.info.prog_id;
      out["target"] = target_words(link, where);
      if (link.ifindex) out["ifindex"] = link.ifindex;
      if (where) out["ifname"] = where->name;
      if (where && where->netns) out["netns"] = *where->netns;
      if (!link.attach_type.empty()) out["attachType"] = link.attach_type;
      keepers.tell(env, out, KernelKind::kLink, link.info.id);
      return out;
    });
  });
}

Napi::Value pins(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    return js::array(env, all_pins(), [&](const Pin& pin) {
      Napi::Object out = Napi::Object::New(env);
      out["path"] = pin.path;
      out["kind"] = kKindNames[static_cast<int>(pin.kind)];
      out["id"] = pin.id;
      return out;
    });
  });
}

Napi::Value program_code(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = js::id_argument(info, 0);
  return guarded(env, [&]() -> Napi::Value {
    const ProgramCode code = read_program_code(id);
    const auto wide = [&](const std::vector<uint64_t>& list) { return js::array(env, list, [&](uint64_t value) { return Napi::String::New(env, std::to_string(value)); }); };
    Napi::Object out = Napi::Object::New(env);
    out["xlated"] = js::bytes(env, code.xlated);
    out["jited"] = js::bytes(env, code.jited);
    out["lineInfo"] = js::bytes(env, code.line_info);
    out["funcInfo"] = js::bytes(env, code.func_info);
    out["jitedKsyms"] = wide(code.jited_ksyms);
    out["jitedLengths"] = js::array(env, code.jited_lengths, [&](uint32_t value) { return Napi::Number::New(env, value); });
    out["jitedLineInfo"] = wide(code.jited_line_info);
    out["btfId"] = code.btf_id;
    out["symbols"] = js::array(env, helper_symbols(code.xlated), [&](const std::pair<const int32_t, std::string>& each) {
      Napi::Object one = Napi::Object::New(env);
      one["immediate"] = each.first;
      one["name"] = each.second;
      return one;
    });
    return out;
  });
}

Napi::Value btf_of(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const uint32_t id = js::id_argument(info, 0);
  return guarded(env, [&]() -> Napi::Value {
    const std::string tried = "read the type information (BTF) " + std::to_string(id);
    const UniqueFd fd(bpf_btf_get_fd_by_id(id));
    if (!fd) throw Failure(errno, tried, errno == ENOENT ? "There is none with this id (any more)." : "");
    bpf_btf_info sizes{};
    uint32_t length = sizeof sizes;
    if (bpf_btf_get_info_by_fd(fd.get(), &sizes, &length) < 0) throw Failure(errno, tried);
    std::vector<uint8_t> data(sizes.btf_size);
    std::array<char, 128> name{};
    bpf_btf_info again{};
    again.btf = reinterpret_cast<uint64_t>(data.data());
    again.btf_size = static_cast<uint32_t>(data.size());
    again.name = reinterpret_cast<uint64_t>(name.data());
    again.name_len = name.size();
    length = sizeof again;
    if (bpf_btf_get_info_by_fd(fd.get(), &again, &length) < 0) throw Failure(errno, tried);
    Napi::Object out = Napi::Object::New(env);
    out["data"] = js::bytes(env, data);
    // Modules build on the kernel's own types.
    out["base"] = again.kernel_btf && std::string(name.data()) != "vmlinux" ? "vmlinux" : "";
    out["name"] = std::string(name.data());
    return out;
  });
}

class RunStatisticsJs : public Napi::ObjectWrap<RunStatisticsJs> {
 public:
  static Napi::Function define(Napi::Env env) { return DefineClass(env, "RunStatistics", {InstanceMethod("close", &RunStatisticsJs::close)}); }

  explicit RunStatisticsJs(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    guarded(info.Env(), [&] {
      fd_ = UniqueFd(bpf_enable_stats(BPF_STATS_RUN_TIME));
      if (!fd_) throw Failure(errno, "count the runs of programs", "This needs Linux 5.8 or newer and CAP_SYS_ADMIN; without it: sysctl kernel.bpf_stats_enabled=1.");
    });
  }

 private:
  void close(const Napi::CallbackInfo&) { fd_.reset(); }
  UniqueFd fd_;
};

}  // namespace

void register_kernel_objects(Napi::Env env, Napi::Object exports) {
  exports["programs"] = Napi::Function::New(env, programs, "programs");
  exports["links"] = Napi::Function::New(env, links, "links");
  exports["maps"] = Napi::Function::New(env, maps, "maps");
  exports["pins"] = Napi::Function::New(env, pins, "pins");
  exports["programCode"] = Napi::Function::New(env, program_code, "programCode");
  exports["btf"] = Napi::Function::New(env, btf_of, "btf");
  exports["RunStatistics"] = RunStatisticsJs::define(env);
}

}  // namespace xdpeek
