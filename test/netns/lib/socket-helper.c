/*
 * Sockets for tests of the programs that go with them.
 *   socket-helper xsk IF QUEUE MAP_ID     an AF_XDP socket on the queue, which puts itself into the XSKMAP; one line of hex a packet
 *   socket-helper udp PORT PIN            a UDP socket of both families with the pinned socket filter on it; one line of text a datagram
 * Says "ready" when it listens; ends when standard input does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAME_BYTES 2048
#define FRAMES 64

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static int bpf(int command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

struct ring {
	uint32_t *producer, *consumer;
	void *entries;
};

static struct ring map_ring(int fd, const struct xdp_ring_offset *offset, off_t page, size_t entry_bytes)
{
	char *at = mmap(NULL, offset->desc + FRAMES * entry_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, page);

	if (at == MAP_FAILED)
		fail("map a ring");
	return (struct ring){ (uint32_t *)(at + offset->producer), (uint32_t *)(at + offset->consumer), at + offset->desc };
}

static void set(int fd, int option, const void *value, socklen_t length)
{
	if (setsockopt(fd, SOL_XDP, option, value, length) < 0)
		fail("set an option of the socket");
}

static void put_into(int map_id, uint32_t queue, int fd)
{
	union bpf_attr attributes = { .map_id = (uint32_t)map_id };
	int map = bpf(BPF_MAP_GET_FD_BY_ID, &attributes);

	if (map < 0)
		fail("open the map");
	memset(&attributes, 0, sizeof(attributes));
	attributes.map_fd = (uint32_t)map;
	attributes.key = (uint64_t)(uintptr_t)&queue;
	attributes.value = (uint64_t)(uintptr_t)&fd;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attributes) < 0)
		fail("put the socket into the map");
}

/* Waits for the socket; 0 when standard input has ended. */
static int ready(int fd)
{
	struct pollfd both[2] = { { .fd = fd, .events = POLLIN }, { .fd = 0, .events = POLLIN } };

	if (poll(both, 2, -1) < 0)
		fail("poll");
	return (both[1].revents & (POLLIN | POLLHUP)) == 0;
}

static void serve_xsk(const char *ifname, uint32_t queue, int map_id)
{
	int fd = socket(AF_XDP, SOCK_RAW, 0), count = FRAMES;
	char *memory = mmap(NULL, FRAMES * FRAME_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct xdp_umem_reg umem = { .addr = (uint64_t)(uintptr_t)memory, .len = FRAMES * FRAME_BYTES, .chunk_size = FRAME_BYTES };
	struct xdp_mmap_offsets offsets;
	socklen_t length = sizeof(offsets);
	struct sockaddr_xdp address = { .sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY, .sxdp_queue_id = queue };

	if (fd < 0 || memory == MAP_FAILED)
		fail("make an AF_XDP socket");
	set(fd, XDP_UMEM_REG, &umem, sizeof(umem));
	set(fd, XDP_UMEM_FILL_RING, &count, sizeof(count));
	set(fd, XDP_UMEM_COMPLETION_RING, &count, sizeof(count));
	set(fd, XDP_RX_RING, &count, sizeof(count));
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &length) < 0)
		fail("ask for the rings");
	struct ring fill = map_ring(fd, &offsets.fr, (off_t)XDP_UMEM_PGOFF_FILL_RING, sizeof(uint64_t));
	struct ring rx = map_ring(fd, &offsets.rx, XDP_PGOFF_RX_RING, sizeof(struct xdp_desc));

	for (uint32_t i = 0; i < FRAMES; i++)
		((uint64_t *)fill.entries)[i] = (uint64_t)i * FRAME_BYTES;
	__atomic_store_n(fill.producer, FRAMES, __ATOMIC_RELEASE);
	address.sxdp_ifindex = if_nametoindex(ifname);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail("bind the socket");
	put_into(map_id, queue, fd);
	printf("ready\n");
	while (ready(fd)) {
		uint32_t at = *rx.consumer, end = __atomic_load_n(rx.producer, __ATOMIC_ACQUIRE);

		for (; at != end; at++) {
			const struct xdp_desc *packet = &((struct xdp_desc *)rx.entries)[at % FRAMES];
			uint32_t next = *fill.producer;

			for (uint32_t i = 0; i < packet->len; i++)
				printf("%02x", (unsigned char)memory[packet->addr + i]);
			printf("\n");
			((uint64_t *)fill.entries)[next % FRAMES] = packet->addr;
			__atomic_store_n(fill.producer, next + 1, __ATOMIC_RELEASE);
		}
		__atomic_store_n(rx.consumer, at, __ATOMIC_RELEASE);
	}
}

static void serve_udp(int port, const char *pin)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), off = 0;
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	union bpf_attr attributes = { .pathname = (uint64_t)(uintptr_t)pin };
	int program = bpf(BPF_OBJ_GET, &attributes);
	char text[2048];

	if (program < 0)
		fail("open the pinned program");
	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		fail("make a UDP socket");
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) < 0)
		fail("put the filter on the socket");
	printf("ready\n");
	while (ready(fd)) {
		ssize_t length = recv(fd, text, sizeof(text) - 1, 0);

		if (length < 0)
			fail("receive");
		printf("%.*s\n", (int)length, text);
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 5 && strcmp(argv[1], "xsk") == 0)
		serve_xsk(argv[2], (uint32_t)atoi(argv[3]), atoi(argv[4]));
	else if (argc == 4 && strcmp(argv[1], "udp") == 0)
		serve_udp(atoi(argv[2]), argv[3]);
	else
		return 2;
	return 0;
}
