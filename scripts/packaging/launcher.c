/*
 * /usr/lib/xdpeek/xdpeek-privileged-capture and -workbench: the only programs that polkit lets xdpeek start as root, one a role.
 * Execs the package's Node on the package's privileged process with a fixed argument list and an environment of its own.
 * pkexec(1) does not check arguments, so there are none: any argument, argc 0 too, is status 2 before any side effect.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if !defined(NODE) || !defined(MAIN) || !defined(ROLE)
#error "compile with -DNODE=\"…\" -DMAIN=\"…\": absolute paths of the package; -DROLE=\"capture\" or \"workbench\""
#endif

#define NAME "xdpeek-privileged-" ROLE

static int fail(const char *what, const char *path)
{
	fprintf(stderr, NAME ": %s %s: %s\n", what, path, strerror(errno));
	return 1;
}

/* As root, only what root alone can write is run: file and all folders above it (no symlink surprises: lstat of the real path). */
static int trusted(const char *path)
{
	char part[4096];
	struct stat st;

	if (strlen(path) >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return 0;
	}
	strcpy(part, path);
	for (;;) {
		char *slash;

		if (lstat(part, &st) != 0)
			return 0;
		if (S_ISLNK(st.st_mode) || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX))) {
			errno = EPERM;
			return 0;
		}
		slash = strrchr(part, '/');
		if (slash == NULL || strcmp(part, "/") == 0)
			return 1;
		slash[slash == part ? 1 : 0] = '\0';
	}
}

int main(int argc, char **argv)
{
	char *environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/", NULL };
	char *arguments[] = { NODE, MAIN, "--role", ROLE, NULL };
	sigset_t none;

	(void)argv;
	if (argc != 1) {
		fputs("usage: " NAME " without arguments (started by xdpeek, not by hand)\n", stderr);
		return 2;
	}

	if (geteuid() == 0 && (!trusted(NODE) || !trusted(MAIN)))
		return fail("refuses to run what others than root may write:", errno == EPERM ? NODE " or " MAIN : MAIN);
	if (chdir("/") != 0)
		return fail("cannot change to", "/");
	umask(077);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (close_range(3, ~0U, 0) != 0)
		return fail("cannot close", "inherited descriptors");

	execve(NODE, arguments, environment);
	return fail("cannot start", NODE);
}
