// class WorkbenchObject and describeObject of native/index.d.ts.
#include "user_object_js.h"

#include <bpf/btf.h>

#include <cstring>

#include "errors.h"
#include "js_values.h"
#include "kernel_objects.h"

namespace xdpeek {
namespace {

ObjectOptions read_object(Napi::Env env, Napi::Object from) {
  ObjectOptions options;
  options.bytes = js::bytes(env, from.Get("bytes"), "bytes");
  options.name = js::text(from, "name");
  options.programs = js::texts(from, "programs");
  for (Napi::Object each : js::objects(from, "types")) options.types.emplace_back(js::text(each, "program"), js::text(each, "type"));
  for (Napi::Object each : js::objects(from, "variables"))
    options.variables.push_back({js::text(each, "section"), js::u32(each, "offset"), js::bytes(env, each.Get("data"), "data")});
  for (Napi::Object each : js::objects(from, "mapSizes")) options.map_sizes.emplace_back(js::text(each, "map"), js::u32(each, "maxEntries"));
  for (Napi::Object each : js::objects(from, "reuse")) options.reuse.emplace_back(js::text(each, "map"), js::u32(each, "id"));
  options.pin_dir = js::optional_text(from, "pinDir");
  options.log_level = static_cast<int>(js::number(from, "logLevel", 0, 2));
  return options;
}

CodeOptions read_code(Napi::Env env, Napi::Object from) {
  CodeOptions options;
  options.code = js::bytes(env, from.Get("code"), "code");
  options.name = js::text(from, "name");
  options.type = js::text(from, "type");
  options.attach_type = js::optional_text(from, "attachType");
  options.license = js::text(from, "license");
  for (Napi::Object each : js::objects(from, "maps")) options.maps.emplace_back(js::u32(each, "slot"), js::u32(each, "id"));
  options.log_level = static_cast<int>(js::number(from, "logLevel", 0, 2));
  return options;
}

MapOptions read_map(Napi::Object from) {
  return {js::text(from, "type"), js::text(from, "name"), js::u32(from, "keyBytes"), js::u32(from, "valueBytes"), js::u32(from, "maxEntries"), js::u32(from, "flags"), from.Has("inner") ? js::u32(from, "inner") : 0};
}

class WorkbenchObjectJs : public Napi::ObjectWrap<WorkbenchObjectJs> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "WorkbenchObject",
                       {InstanceAccessor<&WorkbenchObjectJs::programs>("programs"), InstanceAccessor<&WorkbenchObjectJs::maps>("maps"),
                        InstanceAccessor<&WorkbenchObjectJs::log>("log"), InstanceMethod("close", &WorkbenchObjectJs::close)});
  }

  explicit WorkbenchObjectJs(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Napi::Env env = info.Env();
    const Napi::Object from = js::object(env, info[0], "options");
    if (from.Has("bytes")) {
      const ObjectOptions options = read_object(env, from);
      guarded(env, [&] { object_ = std::make_shared<UserObject>(options); });
    } else if (from.Has("code")) {
      const CodeOptions options = read_code(env, from);
      guarded(env, [&] { object_ = std::make_shared<UserObject>(options); });
    } else {
      const MapOptions options = read_map(from);
      guarded(env, [&] { object_ = std::make_shared<UserObject>(options); });
    }
  }

  std::shared_ptr<UserObject> object() const { return object_; }

 private:
  const UserObject& open(Napi::Env env) const {
    if (!object_) throw to_js_error(env, Failure("CLOSED", "use the object", "it is closed"));
    return *object_;
  }

  Napi::Value programs(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    return js::array(env, open(env).programs(), [&](const UserObject::Program& each) {
      Napi::Object out = Napi::Object::New(env);
      out["name"] = each.name;
      out["section"] = each.section;
      out["type"] = each.type;
      out["id"] = each.id;
      return out;
    });
  }

  Napi::Value maps(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    return js::array(env, open(env).maps(), [&](const UserObject::Map& each) {
      Napi::Object out = Napi::Object::New(env);
      out["name"] = each.name;
      out["id"] = each.id;
      return out;
    });
  }

  Napi::Value log(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), open(info.Env()).log()); }
  void close(const Napi::CallbackInfo&) { object_.reset(); }

  std::shared_ptr<UserObject> object_;
};

std::string attach_words(const bpf_program* program) {
  const char* attach = libbpf_bpf_attach_type_str(bpf_program__expected_attach_type(program));
  const char* section = bpf_program__section_name(program);
  const char* slash = section ? std::strchr(section, '/') : nullptr;
  // What stands behind the first slash of a section is its target: "tp/xdp/xdp_exception", "kprobe/do_unlinkat".
  return slash ? slash + 1 : attach ? attach : "";
}

/// The part of the object's line information that is about this program: bpf_program__line_info came with libbpf 1.6, so .BTF.ext is the session's to read.
Napi::Object program_value(Napi::Env env, const bpf_program* program) {
  Napi::Object out = Napi::Object::New(env);
  out["name"] = bpf_program__name(program);
  out["section"] = bpf_program__section_name(program);
  out["type"] = program_type_name(bpf_program__type(program));
  out["attach"] = attach_words(program);
  out["instructions"] = js::number(env, bpf_program__insn_cnt(program));
  out["code"] = js::bytes(env, bpf_program__insns(program), bpf_program__insn_cnt(program) * sizeof(bpf_insn));
  return out;
}

Napi::Object map_value(Napi::Env env, const bpf_map* map) {
  const char* type = libbpf_bpf_map_type_str(bpf_map__type(map));
  Napi::Object out = Napi::Object::New(env);
  out["name"] = bpf_map__name(map);
  out["type"] = type ? std::string(type) : std::to_string(bpf_map__type(map));
  out["keyBytes"] = bpf_map__key_size(map);
  out["valueBytes"] = bpf_map__value_size(map);
  out["maxEntries"] = bpf_map__max_entries(map);
  out["keyTypeId"] = bpf_map__btf_key_type_id(map);
  out["valueTypeId"] = bpf_map__btf_value_type_id(map);
  return out;
}

Napi::Value describe_object(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::vector<uint8_t> bytes = js::bytes(env, info[0], "bytes");
  return guarded(env, [&]() -> Napi::Value {
    const std::unique_ptr<bpf_object, decltype(&bpf_object__close)> object(open_user_object(bytes, "file"), bpf_object__close);
    Napi::Array programs = Napi::Array::New(env), maps = Napi::Array::New(env), sections = Napi::Array::New(env);
    bpf_program* program;
    bpf_object__for_each_program(program, object.get()) programs[programs.Length()] = program_value(env, program);
    bpf_map* map;
    bpf_object__for_each_map(map, object.get()) {
      if (!bpf_map__is_internal(map)) {
        maps[maps.Length()] = map_value(env, map);
        continue;
      }
      size_t size = 0;
      const void* initial = bpf_map__initial_value(map, &size);
      const std::string name = bpf_map__name(map);
      Napi::Object section = Napi::Object::New(env);
      section["name"] = name.substr(std::min(name.find('.'), name.size()));
      section["data"] = js::bytes(env, initial, initial ? size : 0);
      section["constant"] = (bpf_map__map_flags(map) & BPF_F_RDONLY_PROG) != 0;
      sections[sections.Length()] = section;
    }
    Napi::Object out = Napi::Object::New(env);
    out["programs"] = programs;
    out["maps"] = maps;
    out["sections"] = sections;
    uint32_t length = 0;
    const btf* types = bpf_object__btf(object.get());
    const void* raw = types ? btf__raw_data(types, &length) : nullptr;
    out["btf"] = js::bytes(env, raw, raw ? length : 0);
    return out;
  });
}

}  // namespace

std::shared_ptr<UserObject> unwrap_user_object(Napi::Env env, Napi::Value value) {
  const std::shared_ptr<UserObject> object = WorkbenchObjectJs::Unwrap(js::object(env, value, "object"))->object();
  if (!object) throw to_js_error(env, Failure("CLOSED", "use the object", "it is closed"));
  return object;
}

void register_user_object(Napi::Env env, Napi::Object exports) {
  exports["WorkbenchObject"] = WorkbenchObjectJs::define(env);
  exports["describeObject"] = Napi::Function::New(env, describe_object, "describeObject");
}

}  // namespace xdpeek
