#!/bin/bash
# Run by dpkg as root after removal: takes back what after-install made.
set -e
target='/etc/apparmor.d/${executable}'
if [ -f "$target" ]; then
    if apparmor_status --enabled >/dev/null 2>&1 && ! { ischroot 2>/dev/null; }; then
        apparmor_parser --remove "$target" || true
    fi
    rm -f "$target"
fi
if hash update-mime-database 2>/dev/null; then update-mime-database /usr/share/mime || true; fi
if hash update-desktop-database 2>/dev/null; then update-desktop-database /usr/share/applications || true; fi
exit 0
