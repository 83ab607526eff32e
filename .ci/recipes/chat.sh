#!/bin/sh
# Has a browser visit a site and judges what its chat sent, with nothing but a
# shell. The report is for a CI server that reads JUnit; the exit code is check's.
#
#   chat.sh URL EVENT REPORT.xml
#
# EVENT is the last one that the visit brings about. Where it does not come within a
# minute, the exit code is 2 and there is no report.
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
# Chromium ends the navigation that it starts with when an extension begins to
# listen to requests meanwhile: this file leads to the site a second later.
echo "<meta http-equiv=refresh content='1; url=$site'>" >"$folder/begin.html"
"${CHROMIUM:-chromium}" --headless $sandbox --no-first-run --user-data-dir="$profile" \
  --load-extension="$extension" "file://$folder/begin.html" >/dev/null 2>&1 &
browser=$!

userlike-inspector wait "$event" --since mark:visit --timeout 60s >/dev/null || exit 2
end
userlike-inspector check --since mark:visit --format junit --output "$report"
