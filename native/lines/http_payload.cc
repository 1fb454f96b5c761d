#include "http_payload.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

namespace lines {
namespace {

using std::string_view;

/// A longer unit is not waited for by the TCP reassembly.
constexpr uint64_t kMostUnit = 16 << 20;
constexpr size_t kMostDigits = 9;
constexpr string_view kVersion = "HTTP/1.", kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::array<string_view, 22> kMethods = {"GET ",   "POST ",     "PUT ",       "HEAD ",   "DELETE ", "OPTIONS ", "TRACE ",  "CONNECT ", "PATCH ",    "PROPFIND ",  "PROPPATCH ",
                                                  "MKCOL ", "COPY ",     "MOVE ",      "LOCK ",   "UNLOCK ", "REPORT ",  "SEARCH ", "NOTIFY ",  "M-SEARCH ", "SUBSCRIBE ", "UNSUBSCRIBE "};

string_view view(const uint8_t* at, const uint8_t* end) { return {reinterpret_cast<const char*>(at), static_cast<size_t>(end - at)}; }

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c; }

/// Printed as it is: no control character, nothing but ASCII.
bool is_plain(string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

string_view trimmed(string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_name(string_view name, string_view wanted) {
  return name.size() == wanted.size() && std::equal(name.begin(), name.end(), wanted.begin(), [](char a, char b) { return lower(a) == b; });
}

/// What decides how long a message is and what its line says; of each header field the first counts.
struct Head {
  string_view start;
  size_t size = 0;  ///< of the header section with the empty line; 0 = that is not there
  std::optional<string_view> content_length, content_type;
  bool is_coded = false;  ///< its body must be looked into
};

void read_field(string_view line, Head& head) {
  const size_t colon = std::min(line.find(':'), line.size());
  const string_view name = line.substr(0, colon);
  const string_view value = trimmed(line.substr(std::min(colon + 1, line.size())));
  if (is_name(name, "content-length") && !head.content_length) head.content_length = value;
  if (is_name(name, "content-type") && !head.content_type) head.content_type = value;
  if (is_name(name, "transfer-encoding") || is_name(name, "content-encoding")) head.is_coded = true;
}

Head read_head(string_view message) {
  Head head;
  for (size_t at = 0;;) {
    const size_t lf = message.find('\n', at);
    if (lf == string_view::npos) return head;
    string_view line = message.substr(at, lf - at);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (at == 0)
      head.start = line;
    else if (line.empty()) {
      head.size = lf + 1;
      return head;
    } else
      read_field(line, head);
    at = lf + 1;
  }
}

/// 0 where none is stated.
int status_of(string_view start) {
  size_t at = start.find(' ');
  if (at == string_view::npos) return 0;
  while (at < start.size() && start[at] == ' ') at++;
  if (start.size() - at < 3 || !is_digit(start[at]) || !is_digit(start[at + 1]) || !is_digit(start[at + 2])) return 0;
  return (start[at] - '0') * 100 + (start[at + 1] - '0') * 10 + start[at + 2] - '0';
}

/// Bytes of the body; nothing where its length is told in a way that is not known here.
std::optional<uint64_t> body_of(const Head& head) {
  const bool response = head.start.starts_with("HTTP/");
  if (response) {
    const int status = status_of(head.start);
    // 101 changes the protocol.
    if (status < 100 || status == 101) return std::nullopt;
    if (status < 200 || status == 204 || status == 304) return 0;
  } else if (head.start.starts_with("HEAD ") || head.start.starts_with("CONNECT ")) {
    return std::nullopt;  // the answer to it has no body, whatever it says
  }
  if (head.is_coded) return std::nullopt;
  if (!head.content_length) {
    if (response) return std::nullopt;  // until the connection ends
    return 0;
  }
  if (head.content_length->empty() || head.content_length->size() > kMostDigits || !std::all_of(head.content_length->begin(), head.content_length->end(), is_digit))
    return std::nullopt;
  uint64_t length = 0;
  for (char c : *head.content_length) length = 10 * length + static_cast<uint64_t>(c - '0');
  return length;
}

/// "image/png": media that a line names; empty where there is none, or nobody knows what it is.
string_view media_of(const Head& head, uint64_t body) {
  if (body == 0 || !head.content_type) return {};
  const string_view media = trimmed(head.content_type->substr(0, head.content_type->find(';')));
  return is_name(media, "application/octet-stream") ? string_view{} : media;
}

Payload go_on(Unit& unit, size_t length, bool fin, std::string& info) {
  const uint64_t missing = unit.size - unit.length;
  if (length > missing || unit.length + length > kMostUnit) return Payload::kElsewhere;
  unit.length += length;
  if (length < missing) return fin ? Payload::kElsewhere : Payload::kPart;
  info = unit.kept;
  unit.clear();
  return Payload::kUnits;
}

}  // namespace

bool starts_http2(const uint8_t* at, const uint8_t* end) { return view(at, end).starts_with(kPreface); }

bool starts_http(const uint8_t* at, const uint8_t* end) {
  if (at == end || *at < 'A' || *at > 'Z') return false;
  const string_view text = view(at, end);
  if (text.starts_with(kVersion)) return true;
  return std::any_of(kMethods.begin(), kMethods.end(), [text](string_view method) {
    if (!text.starts_with(method) || text.size() == method.size()) return false;
    const char next = text[method.size()];
    return !is_space(next) && static_cast<uint8_t>(next) != 0xa0;
  });
}

Payload take_http(Unit& unit, const uint8_t* at, const uint8_t* end, const Segment& segment, std::string& info) {
  const size_t length = static_cast<size_t>(end - at);
  if (unit.waits() && unit.expected != segment.seq) unit.clear();
  unit.expected = segment.next();
  if (unit.waits()) return go_on(unit, length, segment.flags & kFin, info);
  if (!starts_http(at, end)) {
    info = "Continuation";
    return Payload::kUnits;
  }
  const Head head = read_head(view(at, end));
  const std::optional<uint64_t> body = head.size > 0 ? body_of(head) : std::nullopt;
  if (!body) return Payload::kElsewhere;
  const string_view media = media_of(head, *body);
  const uint64_t size = head.size + *body;
  if (size < length || size > kMostUnit || !is_plain(head.start) || !is_plain(media)) return Payload::kElsewhere;
  info.append(head.start).append(" ");
  if (size > length) {
    unit.length = length;
    unit.size = size;
    unit.kept = info;
  }
  std::string& whole = size > length ? unit.kept : info;
  if (!media.empty()) whole.append(" (").append(media).append(")");
  return size > length ? Payload::kBegins : Payload::kUnits;
}

}  // namespace lines
