# Functions that make a Debian 13 root folder. Sourced by test_next.sh and image_check.sh; `fail` and `say` are theirs.
# MIRROR=... selects another Debian mirror.
# shellcheck shell=bash

# The mirror that apt uses on this machine. Without one, debootstrap uses its own default.
debian_mirror() {
    # shellcheck disable=SC2016 # apt fills the format in
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep -v security | head -n 1
}

# Makes the folder $1 with Debian 13 and the packages $2 (with commas between them; may be empty).
make_debian_root() {
    local root=$1 packages=$2 mirror=${MIRROR:-$(debian_mirror || true)} log
    log=$(dirname "$root")/debootstrap.log
    [ "$(id -u)" = 0 ] || fail "the root folder needs root rights. Use sudo"
    type -P debootstrap >/dev/null || fail "debootstrap is missing. Run apt-get install debootstrap"
    say "building a Debian 13 root folder in $root"
    rm -rf --one-file-system "$root" "$root.partial"
    mkdir -p "$root.partial"
    # A separate namespace removes the mount in all cases. The path is /mnt, because debootstrap does not accept spaces.
    # shellcheck disable=SC2016 # the inner shell fills these in
    unshare --mount bash -c 'mount --bind "$0" /mnt && exec debootstrap "$@"' "$root.partial" \
        --variant=minbase ${packages:+--include="$packages"} trixie /mnt ${mirror:+"$mirror"} >"$log" 2>&1 ||
        fail "debootstrap could not install Debian 13 ($(tail -n 1 "$log")). See $log"
    mv "$root.partial" "$root"
}
