#!/bin/sh
# Leads ./login through a lock and a reset: the card lives in a file, and each line is a process of its own.
set -eu
module=${MODULE:-$(ls /usr/lib/*/opensc-pkcs11.so | head -n 1)}

# log_in PIN STATUS SENTENCE: what the program says to this PIN, and how it exits.
log_in() {
    status=0
    said=$(echo "$1" | mynacard exec --card card.json -- ./login "$module") || status=$?
    if [ "$status" -ne "$2" ] || [ "$said" != "$3" ]; then
        echo "expected ($2): $3" >&2
        echo "but saw  ($status): $said" >&2
        exit 1
    fi
    echo "ok: $said"
}

rm -f card.json registry.json
mynacard new card.json
mynacard office init registry.json
mynacard office enrol card.json

log_in 1234 0 "Welcome: a signature of 256 bytes."
log_in 0000 1 "The PIN is wrong."
log_in 123 1 "The PIN has four digits."
log_in 0000 1 "The PIN is wrong; one try is left."
log_in 0000 2 "The PIN is locked. A counter of your municipality resets it."
log_in 1234 2 "The PIN is locked. A counter of your municipality resets it."

echo 4829 | mynacard office reset-pin card.json auth -
log_in 4829 0 "Welcome: a signature of 256 bytes."

# The same without a file: a card that begins locked.
locked=$(echo 1234 | mynacard exec --state auth=locked -- ./login "$module") || status=$?
echo "ok: $locked"
[ "$status" -eq 2 ]
