// SPDX-License-Identifier: MIT
/*
 * generator IFNAME FRAME_BYTES PACKETS_PER_SECOND COUNT CPU   sends COUNT UDP frames out of IFNAME, paced (0 = as fast as it goes).
 * Frames go to 02:77:00:00:00:02, 10.77.0.1 → 10.77.0.2, port 9. Prints one JSON line: sent, seconds, pps.
 * Run it in the network namespace of IFNAME. The peer of a veth needs GRO or an XDP program to receive redirected frames.
 */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <libgen.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define MAX_SECONDS 120
#define BATCH 64

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* Ethernet, IPv4 (checksum filled in), UDP without checksum (allowed over IPv4, RFC 768). */
static void build_frame(uint8_t *frame, int size)
{
	static const uint8_t head[] = { 2, 0x77, 0, 0, 0, 2, 2, 0x77, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17,
					0, 0, 10, 77, 0, 1, 10, 77, 0, 2, 4, 0, 0, 9, 0, 0, 0, 0 };
	unsigned sum = 0;

	memset(frame, 0x5a, size);
	memcpy(frame, head, sizeof(head));
	put16(frame + 16, size - 14);
	put16(frame + 38, size - 34);
	for (int i = 14; i < 34; i += 2)
		sum += frame[i] << 8 | frame[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(frame + 24, ~sum & 0xffff);
}

static int load(const char *self, const char *ifname, struct bpf_object **object)
{
	char path[4096];
	struct { uint32_t out_ifindex, flows; } settings = { if_nametoindex(ifname), 1024 };

	if (!settings.out_ifindex) {
		fprintf(stderr, "generator: no interface %s\n", ifname);
		return -1;
	}
	snprintf(path, sizeof(path), "%s/redirect.bpf.o", dirname(strdupa(self)));
	*object = bpf_object__open_file(path, NULL);
	if (!*object)
		return -1;
	bpf_map__set_initial_value(bpf_object__find_map_by_name(*object, ".rodata"), &settings, sizeof(settings));
	if (bpf_object__load(*object))
		return -1;
	return bpf_program__fd(bpf_object__find_program_by_name(*object, "redirect"));
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		fprintf(stderr, "usage: generator IFNAME FRAME_BYTES PACKETS_PER_SECOND COUNT CPU\n");
		return 2;
	}
	int size = atoi(argv[2]);
	double rate = atof(argv[3]);
	long count = atol(argv[4]), sent = 0;
	uint8_t frame[3600];
	cpu_set_t cpus;
	struct bpf_object *object = NULL;

	if (size < 60 || size > 3500) {
		fprintf(stderr, "generator: frames have 60 to 3500 bytes\n");
		return 2;
	}
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[5]), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	prctl(PR_SET_TIMERSLACK, 1);
	int program = load(argv[0], argv[1], &object);

	if (program < 0)
		return 1;
	/* Attached somewhere, so that the kernel's XDP dispatcher knows the program: else each run waits for RCU twice. */
	int lo = if_nametoindex("lo");
	int attached = lo && bpf_xdp_attach(lo, program, XDP_FLAGS_SKB_MODE, NULL) == 0;

	build_frame(frame, size);
	struct xdp_md context = { .data_end = size };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = size, .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	double start = now();
	int status = 0;

	while (sent < count && now() - start < MAX_SECONDS) {
		long due = rate > 0 ? (long)(rate * (now() - start)) - sent : 4096;

		/* After a pause of ours, do not burst more than 10 ms worth: that would test buffers, not rates. */
		if (rate > 0 && due > rate * 0.01 + BATCH)
			due = rate * 0.01 + BATCH;
		if (due > count - sent)
			due = count - sent;
		if (due > 0) {
			run.repeat = due;
			if (bpf_prog_test_run_opts(program, &run)) {
				fprintf(stderr, "generator: test run: %s\n", strerror(errno));
				status = 1;
				break;
			}
			sent += due;
		}
		if (rate > 0) {
			struct timespec pause = { 0, 1000000 };

			nanosleep(&pause, NULL);
		}
	}
	double seconds = now() - start;

	if (attached)
		bpf_xdp_detach(lo, XDP_FLAGS_SKB_MODE, NULL);
	bpf_object__close(object);
	printf("{\"sent\":%ld,\"seconds\":%.4f,\"pps\":%.0f}\n", sent, seconds, sent / seconds);
	return status;
}
