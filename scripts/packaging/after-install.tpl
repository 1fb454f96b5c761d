#!/bin/bash
# Run by dpkg as root after unpacking. electron-builder's own template is replaced by this one: /usr/bin/xdpeek is a file of
# the package here, so no link is made; the sandbox, the caches and the AppArmor profile are kept.
set -e
app='/opt/${sanitizedProductName}'

# Chromium's sandbox: user namespaces where they work, else the set-uid helper.
if [ -e "$app/chrome-sandbox" ]; then
    if [ -L /proc/self/ns/user ] && unshare --user true 2>/dev/null; then
        chmod 0755 "$app/chrome-sandbox" || true
    else
        chmod 4755 "$app/chrome-sandbox" || true
    fi
fi

if hash update-mime-database 2>/dev/null; then update-mime-database /usr/share/mime || true; fi
if hash update-desktop-database 2>/dev/null; then update-desktop-database /usr/share/applications || true; fi
if hash gtk-update-icon-cache 2>/dev/null; then gtk-update-icon-cache --quiet --force /usr/share/icons/hicolor || true; fi

# Ubuntu 24.04 and later allow user namespaces only to programs with an AppArmor profile; older parsers cannot read this one.
profile="$app/resources/apparmor-profile"
target='/etc/apparmor.d/${executable}'
if apparmor_status --enabled >/dev/null 2>&1; then
    if apparmor_parser --skip-kernel-load --debug "$profile" >/dev/null 2>&1; then
        cp -f "$profile" "$target"
        if ! { ischroot 2>/dev/null; }; then
            apparmor_parser --replace --write-cache --skip-read-cache "$target" || true
        fi
    else
        echo 'xdpeek: this AppArmor cannot read the profile; it is not needed here'
    fi
fi
exit 0
