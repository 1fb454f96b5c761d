// class Monitor of native/index.d.ts: counters that are zero are left out.
#include "monitor.h"

#include <time.h>

#include "errors.h"
#include "js_values.h"

namespace xdpeek {
namespace {

std::string clock_text() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::to_string(static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec));
}

/// One object a counter that is not zero, of a table [what][cpu].
template <class Table>
Napi::Array counted(Napi::Env env, const Table& table, const char* what) {
  Napi::Array out = Napi::Array::New(env);
  for (uint32_t i = 0; i < table.size(); i++)
    for (uint32_t cpu = 0; cpu < table[i].size(); cpu++) {
      if (table[i][cpu] == 0) continue;
      Napi::Object each = Napi::Object::New(env);
      each["cpu"] = cpu;
      each[what] = i;
      each["count"] = js::number(env, table[i][cpu]);
      out[out.Length()] = each;
    }
  return out;
}

Napi::Object cpumap_value(Napi::Env env, uint32_t cpu, const xdpeek_monitor_cpumap& counters) {
  Napi::Object each = Napi::Object::New(env);
  each["cpu"] = cpu;
  each["processed"] = js::number(env, counters.processed);
  each["drops"] = js::number(env, counters.drops);
  each["batches"] = js::number(env, counters.batches);
  return each;
}

class MonitorJs : public Napi::ObjectWrap<MonitorJs> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Monitor", {InstanceAccessor<&MonitorJs::missing>("missing"), InstanceMethod("read", &MonitorJs::read), InstanceMethod("close", &MonitorJs::close)});
  }

  explicit MonitorJs(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const std::string folder = js::text(js::object(info.Env(), info[0], "options"), "bpfDir");
    guarded(info.Env(), [&] { monitor_ = std::make_unique<Monitor>(folder); });
  }

 private:
  const Monitor& open(Napi::Env env) const {
    if (!monitor_) throw to_js_error(env, Failure("CLOSED", "use the monitor", "it is closed"));
    return *monitor_;
  }

  Napi::Value missing(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    return js::array(env, open(env).missing(), [&](const std::string& text) { return Napi::String::New(env, text); });
  }

  Napi::Value read(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const Monitor& monitor = open(env);
    Napi::Object out = Napi::Object::New(env);
    out["clockNs"] = clock_text();
    out["redirect"] = counted(env, monitor.redirects(), "error");
    out["exceptions"] = counted(env, monitor.exceptions(), "action");
    Napi::Array enqueue = Napi::Array::New(env), kthread = Napi::Array::New(env), devmap = Napi::Array::New(env);
    const auto targets = monitor.enqueued();
    for (uint32_t to = 0; to < targets.size(); to++)
      for (uint32_t cpu = 0; cpu < targets[to].size(); cpu++) {
        if (targets[to][cpu].batches == 0) continue;
        Napi::Object each = cpumap_value(env, cpu, targets[to][cpu]);
        each["toCpu"] = to;
        enqueue[enqueue.Length()] = each;
      }
    const auto threads = monitor.kthreads();
    for (uint32_t cpu = 0; cpu < threads.size(); cpu++) {
      if (threads[cpu].batches == 0) continue;
      Napi::Object each = cpumap_value(env, cpu, threads[cpu]);
      each["scheduled"] = js::number(env, threads[cpu].scheduled);
      kthread[kthread.Length()] = each;
    }
    for (const Monitor::Devmap& pair : monitor.devmaps())
      for (uint32_t cpu = 0; cpu < pair.cpus.size(); cpu++) {
        if (pair.cpus[cpu].batches == 0) continue;
        Napi::Object each = Napi::Object::New(env);
        each["cpu"] = cpu;
        each["from"] = pair.devices.from;
        each["to"] = pair.devices.to;
        each["sent"] = js::number(env, pair.cpus[cpu].sent);
        each["drops"] = js::number(env, pair.cpus[cpu].drops);
        each["batches"] = js::number(env, pair.cpus[cpu].batches);
        each["errors"] = js::number(env, pair.cpus[cpu].errors);
        each["lastError"] = js::number(env, pair.cpus[cpu].last_error);
        devmap[devmap.Length()] = each;
      }
    out["cpumapEnqueue"] = enqueue;
    out["cpumapKthread"] = kthread;
    out["devmap"] = devmap;
    out["drops"] = js::array(env, monitor.drops(), [&](const Monitor::Drop& drop) {
      Napi::Object each = Napi::Object::New(env);
      each["reason"] = drop.key.reason;
      each["reasonName"] = monitor.reason_name(drop.key.reason);
      each["place"] = monitor.place_name(drop.key.place);
      each["protocol"] = drop.key.protocol;
      each["count"] = js::number(env, drop.count);
      return each;
    });
    out["execs"] = js::number(env, monitor.execs());
    out["missing"] = js::array(env, monitor.missing(), [&](const std::string& text) { return Napi::String::New(env, text); });
    return out;
  }

  void close(const Napi::CallbackInfo&) { monitor_.reset(); }

  std::unique_ptr<Monitor> monitor_;
};

}  // namespace

void register_monitor(Napi::Env env, Napi::Object exports) { exports["Monitor"] = MonitorJs::define(env); }

}  // namespace xdpeek
