#include "conversations.h"

#include <cstring>
#include <random>

#include "bytes.h"
#include "text.h"

namespace lines {
namespace {

constexpr size_t kFewestBuckets = 1 << 12;
constexpr size_t kWidth = 12;  // narrower addresses are padded, so that most lines stand below each other

/// One for each 32 bits of `Ends`, and one more.
constexpr size_t kFactors = 11;

/// Random in each process: whoever writes a capture must not know which conversations share a bucket.
const std::array<uint64_t, kFactors>& factors() {
  static const std::array<uint64_t, kFactors> made = [] {
    std::random_device random;
    std::array<uint64_t, kFactors> words;
    for (uint64_t& word : words) word = static_cast<uint64_t>(random()) << 32 | random();
    return words;
  }();
  return made;
}

/// Multiply-shift over words of 32 bits (Dietzfelbinger, 1996): any two keys share the upper half of the sum by chance only. Leaves out the last two factors.
uint64_t sum_of(const Pair& pair) {
  const uint64_t* factor = factors().data();
  uint64_t sum = *factor++;
  for (size_t i = 0; 8 * i < pair.address_size; i++)
    for (const uint64_t word : {pair.smaller[i], pair.larger[i]}) {
      sum += *factor++ * (word & UINT32_MAX);
      sum += *factor++ * (word >> 32);
    }
  return sum;
}

void ipv4(const uint8_t* address, Text& text) {
  for (int i = 0; i < 4; i++) {
    if (i > 0) text.byte('.');
    text.number(address[i]);
  }
}

/// RFC 5952, as electron/packets/dissect/text.ts has it.
void ipv6(const uint8_t* address, Text& text) {
  constexpr int kGroups = 8;
  const auto group = [address](int i) { return u16(address + 2 * i); };
  int best = -1, longest = 1;
  for (int at = 0; at < kGroups;) {
    int end = at;
    while (end < kGroups && group(end) == 0) end++;
    if (end - at > longest) {
      best = at;
      longest = end - at;
    }
    at = end + 1;
  }
  const bool dotted = best == 0 && (longest == 6 || (longest == 5 && group(5) == 0xffff));
  for (int i = 0; i < (dotted ? kGroups - 2 : kGroups); i++) {
    if (i == best) {
      text.put(i == 0 ? "::" : ":");
      i += longest - 1;
      continue;
    }
    char digits[4];
    text.put(digits, static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, group(i), 16).ptr - digits));
    if (i < kGroups - 1) text.byte(':');
  }
  if (dotted) ipv4(address + 12, text);
}

size_t address_text(const uint8_t* address, size_t size, char* into) {
  Text text(reinterpret_cast<uint8_t*>(into));
  if (size == 4)
    ipv4(address, text);
  else
    ipv6(address, text);
  return static_cast<size_t>(reinterpret_cast<char*>(text.at()) - into);
}

}  // namespace

size_t HashOf::operator()(const Pair& pair) const { return sum_of(pair) >> 32; }

size_t HashOf::operator()(const Ends& ends) const {
  const uint64_t ports = static_cast<uint32_t>(ends.smaller_port) << 16 | ends.larger_port;
  return (sum_of(ends.pair) + factors()[kFactors - 2] * ports + factors()[kFactors - 1] * ends.protocol) >> 32;
}

Pair pair_of(const Frame& frame) { return ends_of({frame.addresses, frame.address_size, 0, nullptr, nullptr}).ends.pair; }

PacketEnds ends_of(const Frame& frame) {
  const size_t size = frame.address_size;
  const uint8_t* const from = frame.addresses;
  const uint8_t* const to = from + size;
  PacketEnds found;
  const uint16_t mine = frame.start ? u16(frame.start) : 0, theirs = frame.start ? u16(frame.start + 2) : 0;
  const int order = std::memcmp(from, to, size);
  const bool forward = order == 0 ? mine <= theirs : order < 0;
  found.side = forward ? 0 : 1;
  found.ends.pair.address_size = static_cast<uint8_t>(size);
  std::memcpy(found.ends.pair.smaller.data(), forward ? from : to, size);
  std::memcpy(found.ends.pair.larger.data(), forward ? to : from, size);
  found.ends.smaller_port = forward ? mine : theirs;
  found.ends.larger_port = forward ? theirs : mine;
  found.ends.protocol = frame.protocol;
  return found;
}

void write_addresses(const Frame& frame, AddressText& into) {
  char address[48];
  Text text(reinterpret_cast<uint8_t*>(into.text.data()));
  size_t length = address_text(frame.addresses, frame.address_size, address);
  if (length < kWidth) text.spaces(kWidth - length);
  text.put(address, length);
  text.put(" → ");
  length = address_text(frame.addresses + frame.address_size, frame.address_size, address);
  text.put(address, length);
  if (length < kWidth) text.spaces(kWidth - length);
  text.byte(' ');
  into.length = static_cast<uint8_t>(reinterpret_cast<char*>(text.at()) - into.text.data());
}

Conversations::Conversations() : buckets_(kFewestBuckets, kNone) {}

Conversation* Conversations::find(const Ends& ends) {
  for (uint32_t i = bucket_of(ends); i != kNone; i = at(i).next_in_bucket)
    if (at(i).ends == ends) return &at(i);
  return nullptr;
}

Conversation& Conversations::begin(const Ends& ends) {
  uint32_t index = count_;
  if (count_ < kMost) {
    if (count_ % kBlock == 0) blocks_.push_back(std::make_unique<Conversation[]>(kBlock));
    if (count_ > buckets_.size() / 2) grow();
    count_++;
  } else {
    index = oldest_;
    oldest_ = (oldest_ + 1) % kMost;
    forget(at(index));
    at(index) = Conversation();
  }
  Conversation& made = at(index);
  made.ends = ends;
  uint32_t& bucket = bucket_of(ends);
  made.next_in_bucket = bucket;
  bucket = index;
  return made;
}

void Conversations::each(const std::function<void(Conversation&)>& look) {
  for (uint32_t i = 0; i < count_; i++) look(at(i));
}

void Conversations::forget(Conversation& conversation) {
  uint32_t* link = &bucket_of(conversation.ends);
  while (&at(*link) != &conversation) link = &at(*link).next_in_bucket;
  *link = conversation.next_in_bucket;
}

void Conversations::grow() {
  buckets_.assign(2 * buckets_.size(), kNone);
  for (uint32_t i = 0; i < count_; i++) {
    uint32_t& bucket = bucket_of(at(i).ends);
    at(i).next_in_bucket = bucket;
    bucket = i;
  }
}

}  // namespace lines
