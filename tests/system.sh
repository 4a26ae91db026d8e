#!/bin/sh
# Installs what the tests need from Debian's packages, where that may be done (as root); otherwise says what is missing.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
[ -x /usr/lib/postgresql/15/bin/initdb ] && [ -e /usr/share/postgresql/15/extension/postgis.control ] \
  || missing="$missing postgresql-15 postgresql-15-postgis-3"
fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fonts-wqy-microhei fontconfig"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing:$missing"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "the tests need these packages, install them first:$missing" >&2
  exit 2
fi
