// SPDX-License-Identifier: MIT
/*
 * mixture FILE PACKETS [SEED]   writes a pcapng file of PACKETS packets as a busy site's uplink has them, about 730 bytes each: TLS, HTTP and other
 * TCP connections with their handshakes, sequence numbers, acknowledgements and a few segments sent again; DNS, QUIC-like and other UDP; some
 * ping and ARP. A third is IPv6. Checksums are right, times are in ns, the same seed gives the same file.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOWS 4000
#define MSS 1448
#define NOISE (1 << 20)
#define RECORD 8192 /* bytes of a TLS record, its header included */

enum kind { TLS, WEB, BULK, DNS, QUIC, MEDIA, PING, ARP };
enum flags { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };

struct flow {
	enum kind kind;
	int six, stage, rounds;
	uint16_t port[2];
	uint8_t address[2][16];
	uint32_t seq[2];         /* next to send */
	uint32_t total, sent;     /* of the answer at hand */
	int unacked, id;
};

static struct flow flows[FLOWS];
static uint8_t noise[NOISE + 2048];
static uint64_t state, now_ns = 1767225600000000000u;
static long left;
static FILE *out;

static uint32_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static uint64_t add_up(const uint8_t *bytes, int length, uint64_t sum)
{
	for (int i = 0; i + 1 < length; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	return length & 1 ? sum + (bytes[length - 1] << 8) : sum;
}

static unsigned folded(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static void write_packet(const uint8_t *frame, uint32_t length)
{
	const uint32_t padded = (length + 3) & ~3u, block = padded + 32;
	const uint32_t head[7] = { 6, block, 0, now_ns >> 32, now_ns, length, length };
	static const uint8_t zeros[4];

	if (left-- <= 0) /* a step may write two */
		return;
	fwrite(head, sizeof(head), 1, out);
	fwrite(frame, length, 1, out);
	fwrite(zeros, padded - length, 1, out);
	fwrite(&block, 4, 1, out);
	now_ns += 1000 + rnd() % 8000;
}

static void write_head(void)
{
	const uint32_t section[7] = { 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28 };
	const uint32_t interface[8] = { 1, 32, 1, 262144, 9 | 1 << 16, 9, 0, 32 };

	fwrite(section, sizeof(section), 1, out);
	fwrite(interface, sizeof(interface), 1, out);
}

/* Link and network headers from side `from` for `length` bytes of `protocol` at the place that is returned. */
static uint8_t *begin(uint8_t *frame, struct flow *f, int from, int protocol, int length)
{
	const uint8_t *source = f->address[from], *destination = f->address[!from];

	memcpy(frame, "\x02\x00\x5e\x10\x00\x01\x02\x00\x5e\x10\x00\x02", 12);
	frame[5] += from;
	frame[11] -= from;
	put16(frame + 12, f->six ? 0x86dd : 0x0800);
	uint8_t *ip = frame + 14;
	if (f->six) {
		put32(ip, 0x60000000 | (f->port[0] & 0xffff));
		put16(ip + 4, length);
		ip[6] = protocol;
		ip[7] = 61;
		memcpy(ip + 8, source, 16);
		memcpy(ip + 24, destination, 16);
		return ip + 40;
	}
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, 20 + length);
	put16(ip + 4, f->id++);
	ip[6] = 0x40;
	ip[8] = 61;
	ip[9] = protocol;
	memcpy(ip + 12, source, 4);
	memcpy(ip + 16, destination, 4);
	put16(ip + 10, folded(add_up(ip, 20, 0)));
	return ip + 20;
}

static unsigned transport_sum(struct flow *f, const uint8_t *at, int length, int protocol)
{
	const int size = f->six ? 16 : 4;

	return folded(add_up(at, length, add_up(f->address[0], size, add_up(f->address[1], size, protocol + length))));
}

static void tcp(struct flow *f, int from, int flags, const uint8_t *payload, int length)
{
	static const uint8_t offer[20] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7 };
	uint8_t frame[2048];
	const int options = flags & SYN ? 20 : 12, header = 20 + options;
	uint8_t *at = begin(frame, f, from, 6, header + length), *option = at + 20;

	put16(at, f->port[from]);
	put16(at + 2, f->port[!from]);
	put32(at + 4, f->seq[from]);
	put32(at + 8, flags & ACK ? f->seq[!from] : 0);
	put16(at + 12, header / 4 << 12 | flags);
	put16(at + 14, flags & SYN ? 64240 : 501);
	put32(at + 16, 0);
	if (flags & SYN)
		memcpy(option, offer, 20);
	else
		memcpy(option, "\x01\x01\x08\x0a", 4);
	option += flags & SYN ? 8 : 4;
	put32(option, now_ns / 1000000);
	put32(option + 4, flags & ACK ? now_ns / 1000000 - 9 : 0);
	memcpy(at + header, payload, length);
	put16(at + 16, transport_sum(f, at, header + length, 6));
	write_packet(frame, at + header + length - frame);
	f->seq[from] += length + !!(flags & (SYN | FIN));
}

static void udp(struct flow *f, int from, const uint8_t *payload, int length)
{
	uint8_t frame[2048];
	uint8_t *at = begin(frame, f, from, 17, 8 + length);

	put16(at, f->port[from]);
	put16(at + 2, f->port[!from]);
	put16(at + 4, 8 + length);
	put16(at + 6, 0);
	memcpy(at + 8, payload, length);
	put16(at + 6, transport_sum(f, at, 8 + length, 17));
	write_packet(frame, at + 8 + length - frame);
}

/* `length` bytes at `from` of an answer: records with their headers (TLS), a header and a body (HTTP), or anything. */
static void fill(struct flow *f, uint8_t *into, uint32_t from, int length)
{
	memcpy(into, noise + (f->port[0] * 641u + from) % NOISE, length);
	if (f->kind == TLS)
		for (int i = 0; i < length; i++) {
			const uint32_t at = from + i, record = at - at % RECORD, rest = f->total - record;
			const unsigned size = (rest < RECORD ? rest : RECORD) - 5;
			const uint8_t head[5] = { 23, 3, 3, size >> 8, size };

			if (at % RECORD < 5)
				into[i] = head[at % RECORD];
			else
				i += RECORD - at % RECORD - 1; /* to the next record */
		}
	else if (f->kind == WEB && from == 0) {
		char head[300];
		const int fixed = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: image/png\r\nConnection: keep-alive\r\n"
							       "Cache-Control: max-age=86400\r\nContent-Length: %07u\r\n\r\n", 0);

		snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: image/png\r\nConnection: keep-alive\r\n"
					     "Cache-Control: max-age=86400\r\nContent-Length: %07u\r\n\r\n", f->total - fixed);
		memcpy(into, head, fixed);
	}
}

static int client_hello(struct flow *f, uint8_t *to)
{
	char name[32];
	const int length = snprintf(name, sizeof(name), "www%u.example.com", f->port[0] % 300u);
	uint8_t *at = to + 5;
	static const uint8_t suites[] = { 0, 6, 0x13, 1, 0x13, 2, 0x13, 3, 1, 0 };
	static const uint8_t rest[] = { 0, 16, 0, 14, 0, 12, 2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1', 0, 43, 0, 3, 2, 3, 4,
					0, 10, 0, 4, 0, 2, 0, 29, 0, 13, 0, 4, 0, 2, 4, 3, 0, 51, 0, 38, 0, 36, 0, 29, 0, 32 };

	*at++ = 1;
	at += 3;
	put16(at, 0x0303);
	memcpy(at + 2, noise + f->port[0], 32);
	at[34] = 32;
	memcpy(at + 35, noise + f->port[0] + 77, 32);
	at += 67;
	memcpy(at, suites, sizeof(suites));
	at += sizeof(suites);
	uint8_t *extensions = at;
	at += 2;
	put16(at, 0);
	put16(at + 2, length + 5);
	put16(at + 4, length + 3);
	at[6] = 0;
	put16(at + 7, length);
	memcpy(at + 9, name, length);
	at += 9 + length;
	memcpy(at, rest, sizeof(rest));
	at += sizeof(rest);
	memcpy(at, noise + f->port[0] + 200, 32);
	at += 32;
	put16(extensions, at - extensions - 2);
	to[6] = 0;
	put16(to + 7, at - to - 9);
	memcpy(to, "\x16\x03\x01", 3);
	put16(to + 3, at - to - 5);
	return at - to;
}

static int server_hello(struct flow *f, uint8_t *to)
{
	static const uint8_t rest[] = { 0x13, 1, 0, 0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32 };
	static const uint8_t change[] = { 20, 3, 3, 0, 1, 1, 23, 3, 3, 2, 0 };
	uint8_t *at = to + 9;

	memcpy(to, "\x16\x03\x03\x00\x00\x02\x00\x00\x00", 9);
	put16(at, 0x0303);
	memcpy(at + 2, noise + f->port[0] + 500, 32);
	at[34] = 32;
	memcpy(at + 35, noise + f->port[0] + 77, 32);
	memcpy(at + 67, rest, sizeof(rest));
	at += 67 + sizeof(rest);
	memcpy(at, noise + f->port[0] + 900, 32);
	at += 32;
	put16(to + 3, at - to - 5);
	put16(to + 7, at - to - 9);
	memcpy(at, change, sizeof(change));
	memcpy(at + sizeof(change), noise + f->port[0] + 1300, 512);
	return at + sizeof(change) + 512 - to;
}

static int request(struct flow *f, uint8_t *to)
{
	if (f->kind == WEB)
		return snprintf((char *)to, 600,
				"GET /pictures/%u/%u.png HTTP/1.1\r\nHost: www%u.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
				"Accept: image/avif,image/webp,*/*\r\nAccept-Language: en\r\nConnection: keep-alive\r\n\r\n",
				rnd() % 1000, rnd() % 1000, f->port[0] % 300u);
	const int length = 120 + rnd() % 500;

	memcpy(to, noise + rnd() % NOISE, length);
	if (f->kind == TLS) {
		memcpy(to, "\x17\x03\x03", 3);
		put16(to + 3, length - 5);
	}
	return length;
}

static void renew(struct flow *f)
{
	static const uint8_t shares[] = { TLS, TLS, TLS, TLS, TLS, TLS, TLS, TLS, WEB, WEB, BULK, BULK, DNS, DNS, DNS, QUIC, QUIC, QUIC, MEDIA, PING };
	static const uint16_t servers[] = { 443, 80, 5201, 53, 443, 5004, 0, 0 };
	const unsigned client = rnd(), server = rnd();

	memset(f, 0, sizeof(*f));
	f->kind = rnd() % 400 == 0 ? ARP : shares[rnd() % sizeof(shares)];
	f->six = f->kind != ARP && rnd() % 3 == 0;
	f->port[0] = 32768 + client % 28000;
	f->port[1] = servers[f->kind];
	f->seq[0] = rnd();
	f->seq[1] = rnd();
	f->rounds = 1 + rnd() % 6;
	f->id = rnd();
	if (f->six) {
		static const uint8_t prefix[] = { 0x20, 1, 0x0d, 0xb8 };

		for (int side = 0; side < 2; side++)
			memcpy(f->address[side], prefix, 4);
		put16(f->address[0] + 14, 1 + client % 500);
		f->address[1][5] = 1;
		put16(f->address[1] + 14, 1 + server % 200);
	} else {
		memcpy(f->address[0], "\x0a\x14", 2);
		put16(f->address[0] + 2, 1 + client % 500);
		memcpy(f->address[1], "\xc6\x33\x64", 3);
		f->address[1][3] = 1 + server % 200;
	}
}

/* The next packet of a connection. */
static void step_tcp(struct flow *f)
{
	static const uint8_t nothing[1];
	uint8_t bytes[2048];

	switch (f->stage) {
	case 0:
		tcp(f, 0, SYN, nothing, 0);
		break;
	case 1:
		tcp(f, 1, SYN | ACK, nothing, 0);
		break;
	case 2:
		tcp(f, 0, ACK, nothing, 0);
		if (f->kind != TLS)
			f->stage += 2;
		break;
	case 3:
		tcp(f, 0, ACK | PSH, bytes, client_hello(f, bytes));
		break;
	case 4:
		tcp(f, 1, ACK | PSH, bytes, server_hello(f, bytes));
		break;
	case 5:
		tcp(f, 0, ACK | PSH, bytes, request(f, bytes));
		f->sent = f->unacked = 0;
		f->total = 1500 + rnd() % (f->kind == BULK ? 40000 : 12000);
		break;
	case 6: {
		const uint32_t rest = f->total - f->sent;
		const int length = rest < MSS ? rest : MSS;

		if (f->unacked == 2) {
			tcp(f, 0, ACK, nothing, 0);
			f->unacked = 0;
			return;
		}
		fill(f, bytes, f->sent, length);
		tcp(f, 1, rest <= MSS ? ACK | PSH : ACK, bytes, length);
		if (rnd() % 300 == 0) { /* lost behind us, and sent again */
			f->seq[1] -= length;
			tcp(f, 1, ACK | PSH, bytes, length);
		}
		f->sent += length;
		f->unacked++;
		if (f->sent < f->total)
			return;
		break;
	}
	case 7:
		tcp(f, 0, ACK, nothing, 0);
		if (--f->rounds > 0)
			f->stage = 4;
		break;
	case 8:
		tcp(f, 0, FIN | ACK, nothing, 0);
		break;
	case 9:
		tcp(f, 1, FIN | ACK, nothing, 0);
		break;
	default:
		tcp(f, 0, ACK, nothing, 0);
		renew(f);
		return;
	}
	f->stage++;
}

static void step_dns(struct flow *f)
{
	uint8_t bytes[128] = { 0 };
	char host[16];
	const int label = snprintf(host, sizeof(host), "host%u", f->port[0] % 900u);
	uint8_t *at = bytes + 12;

	put16(bytes, f->port[0] * 7);
	put16(bytes + 2, f->stage ? 0x8180 : 0x0100);
	bytes[5] = 1;
	bytes[7] = f->stage;
	*at++ = label;
	memcpy(at, host, label);
	memcpy(at + label, "\7example\3com\0\0\1\0\1", 17);
	at += label + 17;
	if (f->six)
		at[-3] = 28;
	if (f->stage) {
		static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 198, 51, 100, 7 };

		memcpy(at, record, sizeof(record));
		if (f->six) {
			at[3] = 28;
			at[11] = 16;
			memcpy(at + 12, f->address[0], 16);
			at += 12;
		}
		at += sizeof(record);
	}
	udp(f, f->stage, bytes, at - bytes);
	if (f->stage++ == 1)
		renew(f);
}

static void step_datagram(struct flow *f)
{
	uint8_t bytes[2048];
	const int from = rnd() % 4 != 0, length = f->kind == MEDIA ? 172 : from ? 1200 : 40 + rnd() % 60;

	memcpy(bytes, noise + rnd() % NOISE, length);
	if (f->kind == MEDIA) {
		bytes[0] = 0x80;
		bytes[1] = 0;
		put16(bytes + 2, f->stage);
	} else
		bytes[0] = 0x40 | (bytes[0] & 0x3f); /* short header */
	udp(f, from, bytes, length);
	if (f->stage++ == 60)
		renew(f);
}

static void step_ping(struct flow *f)
{
	uint8_t frame[256];
	const int reply = f->stage & 1;
	uint8_t *at = begin(frame, f, reply, f->six ? 58 : 1, 64);

	memcpy(at + 8, noise, 56);
	at[0] = f->six ? 128 + reply : reply ? 0 : 8;
	at[1] = 0;
	put16(at + 2, 0);
	put16(at + 4, f->port[0]);
	put16(at + 6, f->stage / 2);
	put16(at + 2, f->six ? transport_sum(f, at, 64, 58) : folded(add_up(at, 64, 0)));
	write_packet(frame, at + 64 - frame);
	if (f->stage++ == 7)
		renew(f);
}

static void step_arp(struct flow *f)
{
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0x5e, 0x10, 0, 9, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0x5e, 0x10, 0, 9 };

	memcpy(frame + 28, f->address[0], 4);
	memcpy(frame + 38, f->address[0], 4);
	frame[41] ^= 1;
	write_packet(frame, sizeof(frame));
	renew(f);
}

static void step(struct flow *f)
{
	switch (f->kind) {
	case DNS:
		return step_dns(f);
	case QUIC:
	case MEDIA:
		return step_datagram(f);
	case PING:
		return step_ping(f);
	case ARP:
		return step_arp(f);
	default:
		return step_tcp(f);
	}
}

int main(int argc, char **argv)
{
	left = argc > 2 ? atol(argv[2]) : 0;
	if (left <= 0) {
		fprintf(stderr, "usage: mixture FILE PACKETS [SEED]\n");
		return 2;
	}
	state = 88172645463325252u + (argc > 3 ? strtoul(argv[3], NULL, 10) : 0) * 2654435761u;
	out = fopen(argv[1], "w");
	if (!out) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	setvbuf(out, NULL, _IOFBF, 1 << 20);
	for (unsigned i = 0; i < sizeof(noise); i++)
		noise[i] = rnd();
	for (int i = 0; i < FLOWS; i++)
		renew(&flows[i]);
	write_head();
	while (left > 0) { /* in bursts */
		struct flow *f = &flows[rnd() % FLOWS];

		for (int burst = 1 + rnd() % 6; burst > 0; burst--)
			step(f);
	}
	return fclose(out) ? 1 : 0;
}
