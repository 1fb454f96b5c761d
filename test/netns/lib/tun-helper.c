// Holds a tun or tap device open for a test: packets that the kernel sends out of it go to standard output, packets from
// standard input come in by it. Both are framed by a 16-bit big-endian length. The device goes with the process.
// Usage: tun-helper NAME tun|tap     (prints "ready" on standard error when the device exists)
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

static int read_all(int fd, uint8_t *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = read(fd, bytes, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static uint8_t frame[2 + 65535];
	struct ifreq request = {0};
	int tun;

	if (argc != 3)
		return fprintf(stderr, "usage: tun-helper NAME tun|tap\n"), 2;
	tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
	request.ifr_flags = (short)((strcmp(argv[2], "tap") ? IFF_TUN : IFF_TAP) | IFF_NO_PI);
	if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0)
		return perror("tun-helper"), 1;
	fprintf(stderr, "ready\n");

	for (;;) {
		struct pollfd ready[] = {{.fd = tun, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};

		if (poll(ready, 2, -1) < 0 && errno != EINTR)
			return perror("tun-helper: poll"), 1;
		if (ready[0].revents & POLLIN) {
			ssize_t n = read(tun, frame + 2, sizeof(frame) - 2);

			if (n > 0) {
				frame[0] = (uint8_t)(n >> 8);
				frame[1] = (uint8_t)n;
				if (write_all(STDOUT_FILENO, frame, 2 + (size_t)n) < 0)
					return 0;
			}
		}
		if (ready[1].revents & (POLLIN | POLLHUP)) {
			size_t length;

			if (read_all(STDIN_FILENO, frame, 2) < 0)
				return 0;
			length = (size_t)frame[0] << 8 | frame[1];
			if (read_all(STDIN_FILENO, frame + 2, length) < 0)
				return 0;
			if (write(tun, frame + 2, length) < 0)
				perror("tun-helper: write");
		}
	}
}
