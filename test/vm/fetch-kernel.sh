#!/bin/sh
# Fetches Debian's cloud kernel of one release through apt (from the mirror that this machine already uses; apt checks signatures and
# sums), and unpacks it into a folder. Nothing is installed. Usage: fetch-kernel.sh SUITE FOLDER. Does nothing when it is there.
set -eu
suite=$1
folder=$2
if [ -f "$folder/.complete" ]; then exit 0; fi
die() { printf 'fetch-kernel: %s\n' "$1" >&2; exit 1; }

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v -e security -e '^cdrom' | sort | uniq -c | sort -rn |
  awk '$2 ~ /debian\/?$/ { print $2; exit }')
[ -n "$mirror" ] || die "apt knows no Debian mirror; run apt-get update"
rm -rf "$folder"
mkdir -p "$folder"
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
echo "deb $mirror $suite main" >"$apt/sources.list"
set -- -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" \
  -o Dir::State::status=/dev/null -o APT::Sandbox::User=
apt-get "$@" update >&2 || die "the package list of Debian $suite cannot be read"
package=$(apt-cache "$@" depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
[ -n "$package" ] || die "Debian $suite has no cloud kernel"
(cd "$apt" && apt-get "$@" download "$package" >&2) || die "$package cannot be fetched"
dpkg-deb -x "$apt"/*.deb "$folder"
# Newer releases keep modules under usr/lib.
[ -d "$folder/lib/modules" ] || { mkdir -p "$folder/lib"; mv "$folder/usr/lib/modules" "$folder/lib/modules"; }
release=$(ls "$folder/lib/modules")
depmod -b "$folder" "$release"
echo "$release" >"$folder/.complete"
