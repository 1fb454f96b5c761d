#!/bin/sh
# /usr/bin/xdpeek: the command line on the package's own Node. Finds the package from its own place, so that an unpacked tree works too.
self=$(readlink -f -- "$0") || exit 1
resources=$(dirname -- "$self")/../../opt/xdpeek/resources
exec "$resources/bin/node" "$resources/dist/cli/main.mjs" "$@"
