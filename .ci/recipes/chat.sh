#!/bin/sh
# Opens a site in a browser and judges what its chat sent, from a plain shell. The report
# is in JUnit's format, which CI servers read. The exit code is that of
# "userlike-inspector check".
#
#   chat.sh URL EVENT REPORT.xml
#
# EVENT is the last event of the visit. If it does not come within a minute, the exit code
# is 2 and there is no report.
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
[ "$(id -u)" != 0 ] || sandbox=--no-sandbox # Chromium does not start for root with its sandbox
# Chromium cancels its first navigation if an extension begins to listen to requests
# meanwhile. So it first opens this file, which leads to the site a second later.
echo "<meta http-equiv=refresh content='1; url=$site'>" >"$folder/begin.html"
"${CHROMIUM:-chromium}" --headless $sandbox --no-first-run --user-data-dir="$profile" \
  --load-extension="$extension" "file://$folder/begin.html" >/dev/null 2>&1 &
browser=$!

userlike-inspector wait "$event" --since mark:visit --timeout 60s >/dev/null || exit 2
end
userlike-inspector check --since mark:visit --format junit --output "$report"
