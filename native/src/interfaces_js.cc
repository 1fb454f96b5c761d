// interfaces(netns?): the list as JavaScript objects (InterfaceInfo in electron/shared/capture.ts).
#include <napi.h>

#include "errors.h"
#include "interfaces.h"

namespace xdpeek {

namespace {

/// Counters are exact up to 2^53, which 100 Gbit/s reach after eight days of bytes: doubles are what JSON carries anyway.
Napi::Number number(Napi::Env env, uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); }

Napi::Object program_object(Napi::Env env, const AttachedProgram& program) {
  Napi::Object object = Napi::Object::New(env);
  object["hook"] = Napi::String::New(env, program.hook);
  if (program.mode) object["mode"] = Napi::String::New(env, program.mode);
  object["programId"] = number(env, program.id);
  object["name"] = Napi::String::New(env, program.name);
  object["ours"] = Napi::Boolean::New(env, program.ours);
  return object;
}

Napi::Object interface_object(Napi::Env env, const Interface& link) {
  Napi::Object object = Napi::Object::New(env);
  const auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) object[key] = Napi::String::New(env, value);
  };
  object["ifindex"] = number(env, static_cast<uint64_t>(link.ifindex));
  object["ifname"] = Napi::String::New(env, link.name);
  if (link.netns) object["netns"] = Napi::String::New(env, *link.netns);
  text("mac", link.mac);
  object["mtu"] = number(env, link.mtu);
  object["up"] = Napi::Boolean::New(env, link.up);
  object["running"] = Napi::Boolean::New(env, link.running);
  object["loopback"] = Napi::Boolean::New(env, link.loopback);
  object["linkType"] = Napi::Number::New(env, link.link_type);
  text("kind", link.kind);
  text("driver", link.driver);
  if (link.speed_mbps != 0) object["speedMbps"] = number(env, link.speed_mbps);
  object["rxQueues"] = number(env, link.rx_queues);
  Napi::Array addresses = Napi::Array::New(env, link.addresses.size());
  for (uint32_t i = 0; i < link.addresses.size(); i++) addresses[i] = Napi::String::New(env, link.addresses[i]);
  object["addresses"] = addresses;
  object["xdpNative"] = Napi::String::New(
      env, link.xdp_native == NativeXdp::kYes ? "yes" : link.xdp_native == NativeXdp::kNo ? "no" : "unknown");
  Napi::Array attached = Napi::Array::New(env, link.attached.size());
  for (uint32_t i = 0; i < link.attached.size(); i++) attached[i] = program_object(env, link.attached[i]);
  object["attached"] = attached;
  object["rxPackets"] = number(env, link.rx_packets);
  object["rxBytes"] = number(env, link.rx_bytes);
  object["rxDropped"] = number(env, link.rx_dropped);
  object["txPackets"] = number(env, link.tx_packets);
  object["txBytes"] = number(env, link.tx_bytes);
  object["txDropped"] = number(env, link.tx_dropped);
  return object;
}

Napi::Value interfaces(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    NetnsName netns;
    if (info.Length() > 0 && !info[0].IsUndefined()) {
      if (!info[0].IsString()) throw Napi::TypeError::New(env, "interfaces(netns): netns must be a string");
      netns = info[0].As<Napi::String>().Utf8Value();
    }
    const std::vector<Interface> links = list_interfaces_in(netns);
    Napi::Array array = Napi::Array::New(env, links.size());
    for (uint32_t i = 0; i < links.size(); i++) array[i] = interface_object(env, links[i]);
    return array;
  });
}

}  // namespace

void register_interfaces(Napi::Env env, Napi::Object exports) {
  exports["interfaces"] = Napi::Function::New(env, interfaces, "interfaces");
}

}  // namespace xdpeek
