#!/bin/sh
# Fetches libbpf's source at one pinned version through apt (Debian's source package, from the mirror this machine already uses),
# checks its sha256, and builds it statically into native/vendor/build/{include,uapi,lib}. Does nothing when that is there already.
# The source is never committed.
set -eu

version=1.5.0
sha256=53492aff6dd47e4da04ef5e672d753b9743848bdb38e9d90eafbe190b7983c44
suite=trixie

here=$(cd "$(dirname "$0")" && pwd)
build=$here/build
tarball=$build/libbpf_$version.orig.tar.gz

say() { printf 'libbpf: %s\n' "$*" >&2; }
die() { say "$1"; [ -z "${2-}" ] || say "$2"; exit 1; }

if [ -f "$build/.version" ] && [ "$(cat "$build/.version")" = "$version $sha256" ] && [ -f "$build/lib/libbpf.a" ]; then
  exit 0
fi
for tool in gcc make tar sha256sum; do
  command -v $tool >/dev/null || die "$tool is missing" "Install it (Debian: apt-get install gcc make tar coreutils) and run this again."
done
mkdir -p "$build"

checksum_ok() { [ -f "$tarball" ] && [ "$(sha256sum "$tarball" | cut -d' ' -f1)" = "$sha256" ]; }

fetch() {
  command -v apt-get >/dev/null || die "apt-get is missing" \
    "Put libbpf $version's source archive (sha256 $sha256) at native/vendor/build/$(basename "$tarball") and run this again."
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v -e security -e '^cdrom' | sort | uniq -c | sort -rn |
    awk '$2 ~ /debian\/?$/ { print $2; exit }')
  [ -n "$mirror" ] || die "apt knows no Debian mirror" "Run apt-get update, then this again."
  apt=$(mktemp -d)
  trap 'rm -rf "$apt"' EXIT
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  echo "deb-src $mirror $suite main" >"$apt/sources.list"
  set -- -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" \
    -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=
  apt-get "$@" update >&2 || die "the source list of Debian $suite cannot be read" "Check the network and the Debian mirror, then run this again."
  found=$(apt-cache "$@" showsrc libbpf | sed -n "s/^Version: \($version-.*\)/\1/p" | head -n 1)
  [ -n "$found" ] || die "Debian $suite no longer has libbpf $version" "Put the source archive (sha256 $sha256) at native/vendor/build/$(basename "$tarball") and run this again."
  (cd "$apt" && apt-get "$@" source --download-only "libbpf=$found" >&2) || die "the source of libbpf $found cannot be fetched"
  mv "$apt/$(basename "$tarball")" "$tarball"
}

checksum_ok || fetch
checksum_ok || { rm -f "$tarball"; die "the source archive of libbpf $version has a wrong sha256 (wanted $sha256)" "It was removed; run this again, and do not build if it happens twice."; }

source=$build/source
rm -rf "$source" "$build/lib" "$build/include" "$build/uapi" "$build/.version"
mkdir -p "$source"
tar -xzf "$tarball" -C "$source" --strip-components=1
make -s -C "$source/src" -j"$(nproc)" BUILD_STATIC_ONLY=y OBJDIR="$build/objects" PREFIX= LIBDIR=/lib INCLUDEDIR=/include UAPIDIR=/uapi DESTDIR="$build" \
  CFLAGS="-O2 -g -fPIC -fvisibility=hidden" install install_uapi_headers >"$build/build.log" 2>&1 ||
  { tail -n 20 "$build/build.log" >&2; die "libbpf does not build" "Are libelf-dev and zlib1g-dev installed?"; }
# libbpf's own copies of the kernel's headers: newer than a distribution's (TCX, netkit).
cp -r "$source/include/uapi/." "$build/uapi/"
rm -rf "$build/objects" "$source"
echo "$version $sha256" >"$build/.version"
