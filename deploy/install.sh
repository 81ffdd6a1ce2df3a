#!/usr/bin/env bash
# 安装、升级、回退风险补偿计算服务，不需要网络。 / Installs, upgrades and takes back the service, without a network.
set -euo pipefail
umask 022

name=guarantee-compensation
prefix=/opt/$name
config=/etc/$name
units=/etc/systemd/system
python=
service=yes
first_key=yes
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<EOF
用法 / Usage: install.sh [COMMAND] [OPTIONS]

  (无 / none)      安装，或升级到本安装包的版本 / install, or upgrade to the version of this bundle
  back             回到上一个版本；再运行一次又换回来 / go back to the former version, or forth again
  key NAME         新建一个访问密钥，只显示这一次 / make an API key, shown this once
  remove           停止服务，删除程序；设置和密钥保留 / stop and remove the programs; settings and keys stay

  --prefix DIR     程序放在哪里 / where the programs go (now: $prefix)
  --config DIR     设置和密钥放在哪里 / where settings and keys are (now: $config)
  --python PYTHON  用哪个 Python / which interpreter (default: python3.X of this bundle)
  --no-service     不建用户，不动 systemd / no user, and nothing of systemd
  --no-key         不建第一个密钥 / no first API key
EOF
}

fail() {
  echo "$1" >&2
  exit 1
}

command=install
key_name=
while [ $# -gt 0 ]; do
  case $1 in
    install | back | remove) command=$1 ;;
    key) command=key && key_name=${2:?缺少密钥的名称 / the name of the key is missing} && shift ;;
    --prefix) prefix=${2:?--prefix DIR} && shift ;;
    --config) config=${2:?--config DIR} && shift ;;
    --python) python=${2:?--python PYTHON} && shift ;;
    --no-service) service=no ;;
    --no-key) first_key=no ;;
    -h | --help) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
case $prefix$config in
  *[!A-Za-z0-9/._-]*) fail "路径只能有字母、数字和 . _ - / a path has letters, digits, dots, hyphens, underscores" ;;
esac

[ $service = no ] || [ "$(id -u)" = 0 ] || fail "请用 root 运行 / run this as root"

# The directory that a link in $prefix stands for; nothing where there is none.
release_of() {
  if [ -L "$prefix/$1" ]; then readlink -f "$prefix/$1"; fi
}

# A link is replaced in one step: there is a current version at any moment.
point() {
  ln -sfn "$2" "$prefix/.$1.new"
  mv -T "$prefix/.$1.new" "$prefix/$1"
}

check_machine() {
  [ -f "$here/VERSION" ] || fail "请在解开的安装包里运行 / run this in the unpacked bundle"
  (cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) ||
    fail "安装包不完整或被改动过 / the bundle is damaged, or was changed"
  # shellcheck source=/dev/null
  . "$here/VERSION" # release, python_version, machine, glibc
  python=${python:-python$python_version}
  command -v "$python" >/dev/null ||
    fail "没有 $python；请先安装 Python $python_version，或用 --python 指明 / Python $python_version is needed"
  "$python" - "$python_version" "$machine" "$glibc" <<'EOF' || exit 1
import os, platform, sys
python, machine, glibc = sys.argv[1:]
own = ".".join(map(str, sys.version_info[:2]))
if own != python or sys.implementation.name != "cpython":
    sys.exit(f"本安装包要用 Python {python}，这里是 {own} / the bundle is for Python {python}, this is {own}")
if platform.machine() != machine:
    sys.exit(f"本安装包用于 {machine}，这里是 {platform.machine()} / the bundle is for {machine}")
found = os.confstr("CS_GNU_LIBC_VERSION").split()[1]
if [*map(int, found.split("."))] < [*map(int, glibc.split("."))]:
    sys.exit(f"需要 glibc {glibc} 以上，这里是 {found} / glibc {glibc} or newer is needed, this is {found}")
EOF
}

# Fills $prefix/releases/$release. What is there already under this name is complete.
unpack() {
  target=$prefix/releases/$release
  if [ -f "$target/deploy/VERSION" ]; then
    return
  fi
  echo "安装到 / installing into $target"
  rm -rf "$target"
  mkdir -p "$prefix/releases"
  trap 'rm -rf "$target"' EXIT
  "$python" -m venv --without-pip "$target"
  pip=("$here"/wheels/pip-*.whl) # runs as it is, so a Python without pip will do
  # Local settings of pip could lead elsewhere.
  PIP_CONFIG_FILE=/dev/null "$target/bin/python" "${pip[0]}/pip" --isolated --quiet install \
    --disable-pip-version-check --no-index --no-deps --require-hashes --find-links "$here/wheels" \
    --requirement "$here/requirements.txt"
  "$target/bin/python" -m api settings >/dev/null
  mkdir "$target/deploy"
  for file in "$here"/*; do
    if [ -f "$file" ] && [ "${file##*/}" != VERSION ]; then cp "$file" "$target/deploy/"; fi
  done
  cp "$here/VERSION" "$target/deploy/" # last: from here on it is complete
  trap - EXIT
}

# The sample names the usual places.
adapted() {
  sed -e "s|/opt/$name|$prefix|g" -e "s|/etc/$name|$config|g" "$1"
}

# What the service reads and nobody else.
own() {
  if [ $service = no ]; then return; fi
  chgrp $name "$1"
  chmod 640 "$1"
}

keys_file() {
  sed -n 's/^COMPENSATION_API_KEYS_FILE=//p' "$config/settings.env" | tail -n 1
}

new_key() {
  COMPENSATION_API_KEYS_FILE=$(keys_file) "$prefix/current/bin/python" -m api keys new "$1"
  own "$(keys_file)"
}

settle() {
  if [ $service = yes ] && ! getent passwd $name >/dev/null; then
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin $name
  fi
  mkdir -p "$config"
  if [ ! -e "$config/settings.env" ]; then
    adapted "$target/deploy/settings.env" >"$config/settings.env"
  fi
  own "$config/settings.env"
}

# Puts the current version's unit file in place and has the service run it; fails if it does not come up.
start() {
  [ $service = no ] ||
    { adapted "$prefix/current/deploy/$name.service" >"$units/$name.service" &&
      systemctl daemon-reload && systemctl --quiet enable $name && systemctl restart $name; }
}

install_bundle() {
  check_machine
  unpack
  settle
  former=$(release_of current)
  point current "$target"
  if [ $first_key = yes ] && [ -n "$(keys_file)" ] && [ ! -e "$(keys_file)" ]; then
    echo "第一个访问密钥(只显示这一次)/ the first API key (shown this once):"
    new_key first
  fi
  if ! start; then
    journalctl --unit $name --lines 20 --no-pager >&2 || true
    if [ -z "$former" ] || [ "$former" = "$target" ]; then fail "服务没有启动 / the service did not start"; fi
    point current "$former"
    start || true
    fail "新版本没有启动，已回到 ${former##*/} / the new version did not start; back to ${former##*/}"
  fi
  if [ -n "$former" ] && [ "$former" != "$target" ]; then point previous "$former"; fi
  prune
  echo "现在的版本 / the version now: $release"
}

# Only the two versions that can be switched between stay.
prune() {
  for folder in "$prefix"/releases/*/; do
    folder=${folder%/}
    if [ "$folder" != "$(release_of current)" ] && [ "$folder" != "$(release_of previous)" ]; then
      rm -rf "$folder"
    fi
  done
}

back() {
  former=$(release_of previous)
  [ -n "$former" ] && [ -d "$former" ] || fail "没有上一个版本 / there is no former version"
  point previous "$(release_of current)"
  point current "$former"
  start || fail "服务没有启动 / the service did not start"
  echo "现在的版本 / the version now: ${former##*/}"
}

remove() {
  if [ $service = yes ]; then
    systemctl --quiet disable --now $name || true
    rm -f "$units/$name.service"
    systemctl daemon-reload
  fi
  rm -rf "$prefix/releases" "$prefix/current" "$prefix/previous"
  rmdir "$prefix" 2>/dev/null || true
  echo "已删除；设置和密钥还在 / removed; settings and keys are still in $config"
}

case $command in
  install) install_bundle ;;
  back) back ;;
  key) new_key "$key_name" && echo "重启后生效 / takes effect with: systemctl restart $name" >&2 ;;
  remove) remove ;;
esac
