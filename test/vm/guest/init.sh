#!/bin/sh
# First process of a guest: modules, the disk, the file systems that the tests look at, then the tests named on the kernel command line.
mount -t devtmpfs dev /dev
mount -t proc proc /proc
for module in /modules/*.ko; do insmod "$module"; done
mount -t ext4 /dev/vda /disk || { echo "@@exit 97"; poweroff -f; }
mount -t devtmpfs dev /disk/dev
mount -t proc proc /disk/proc
mount -t sysfs sys /disk/sys
mount -t bpf bpf /disk/sys/fs/bpf
mount -t debugfs debug /disk/sys/kernel/debug
mount -t tracefs trace /disk/sys/kernel/tracing
mount -t tmpfs tmp /disk/tmp
mount -t tmpfs run /disk/run
tests=
for word in $(cat /proc/cmdline); do
  case $word in tests=*) tests=$(echo "${word#tests=}" | busybox tr , ' ') ;; esac
done
# Node strips types in WebAssembly, and dies now and then under emulation when it makes that code faster while it runs (one start in ten:
# SIGSEGV, or "it->second.Size() > offset" in V8): here it stays as slow as it began.
chroot /disk /bin/sh -c "export HOME=/root PATH=/usr/sbin:/usr/bin TMPDIR=/tmp; ip link set lo up; cd /xdpeek;
  node_modules/node/bin/node --liftoff-only --test --test-force-exit --test-concurrency=1 --test-timeout=300000 --test-reporter=./test/vm/guest/reporter.mjs $tests 2>&1; echo @@exit \$?"
sync
poweroff -f
