#!/bin/sh
# Steers the cards of a private PC/SC stack from a shell:  mynacard exec --control card.sock -- sh steer.sh
set -eu

# ask METHOD PATH [JSON]: send one request with curl, which fails where it is refused, and says why.
ask() {
    curl -sS --fail-with-body --unix-socket "${MYNACARD_CONTROL#unix:}" -X "$1" ${3:+--json "$3"} "http://localhost$2"
}

# pick NAME: the value of that name in an answer; jq does this better, where it is there.
pick() {
    sed -E "s/.*\"$1\": \[?\"?([^],\"}]*).*/\1/"
}

is_in() {
    case $(pick card) in
        null) echo false ;;
        *) echo true ;;
    esac
}

echo "card in the reader: $(ask DELETE /readers/0/card | is_in)"
echo "card in the reader: $(ask POST /readers/0/card | is_in)"

echo "ordered: $(ask POST /readers/0/faults '{"fault": "verify:1:tear-after"}' | pick ordered)"
# Here your program enters a PIN. The card acts on it, leaves, and its answer is lost.
ask DELETE /readers/0/faults >/dev/null

locked=$(ask POST /cards '{"profile": "adult", "tries": {"auth": 0}}')
card=$(echo "$locked" | pick card)
ask PUT /readers/0/card "{\"card\": $card}" >/dev/null
echo "tries left: $(echo "$locked" | pick auth)"

ask POST /clock '{"opening": true}' >/dev/null
echo "at the counter: $(ask POST /office/counter.reset_pin '{"pin": "auth", "new": "4829"}' | pick outcome)"
echo "tries left: $(ask GET "/cards/$card" | pick auth)"
