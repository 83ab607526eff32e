#!/bin/sh
# Has a browser visit a site and judges what its chat sent, with nothing but a
# shell. The report is for a CI server that reads JUnit; the exit code is check's.
#
#   chat.sh URL EVENT REPORT.xml
#
# EVENT is the last one that the visit brings about.
set -eu
site=$1 event=$2 report=$3

folder=$(mktemp -d)
profile=$folder/profile
export USERLIKE_INSPECTOR_STORE="$folder/events.db"
browser=
end() {
  [ -z "$browser" ] || { kill "$browser" && wait "$browser"; } 2>/dev/null || :
  browser=
}
trap 'end; rm -rf "$folder"' EXIT

userlike-inspector install --user-data-dir "$profile" >/dev/null
extension=$(userlike-inspector extension path)
userlike-inspector mark visit

sandbox=
[ "$(id -u)" != 0 ] || sandbox=--no-sandbox # which root cannot have
"${CHROMIUM:-chromium}" --headless $sandbox --no-first-run --user-data-dir="$profile" \
  --load-extension="$extension" "$site" >/dev/null 2>&1 &
browser=$!

userlike-inspector wait "$event" --since mark:visit --timeout 60s >/dev/null
end
userlike-inspector check --since mark:visit --format junit --output "$report"
