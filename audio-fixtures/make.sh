#!/bin/sh
# Makes the caller's phrases of this folder, and manifest.csv, anew.
#
# Needs Debian's packages `flite` and `sox`. The voices are synthesised the same
# way every time, so a second run changes nothing.
set -eu
cd "$(dirname "$0")"

voices="rms kal16 awb slt"
for tool in flite sox; do
    command -v "$tool" >/dev/null || {
        echo "make.sh: '$tool' is missing: apt-get install $tool" >&2
        exit 1
    }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Telephone band, 8 kHz, peaks at -6 dBFS, no dither (dither would differ from
# run to run), silence cut to what the `pad` puts back: 20 ms at both ends.
to_telephone() {
    sox -D "$1" -r 8000 -c 1 -b 16 "$2" \
        gain -6 rate -h 8000 highpass 120 norm -6 \
        silence 1 0.005 0.3% reverse silence 1 0.005 0.3% reverse \
        pad 0.02 0.02
}

# How much slower than by itself a voice is told to speak: `slt` hurries single
# words, "yes" takes a fifth of a second.
stretch_of() {
    case $1 in
    slt) echo 1.3 ;;
    *) echo 1.0 ;;
    esac
}

# $1 file name, $2 what is written in the manifest, $3 what the voice is told:
# text, or phones after "phones:".
phrase() {
    for voice in $voices; do
        mkdir -p "$voice"
        case $3 in
        phones:*) kind=-p ;;
        *) kind=-t ;;
        esac
        flite -voice "$voice" --setf duration_stretch="$(stretch_of "$voice")" \
            "$kind" "${3#phones:}" -o "$work/raw.wav"
        to_telephone "$work/raw.wav" "$voice/$1.wav"
        echo "$voice/$1.wav,$voice,en,$2" >>"$work/manifest.csv"
    done
}

echo "path,voice,language,text" >"$work/manifest.csv"
phrase order-status "order status" "order status"
phrase where-is-my-order "where is my order" "where is my order"
phrase opening-hours "opening hours" "opening hours"
phrase when-are-you-open "when are you open" "when are you open"
phrase report-a-fault "report a fault" "report a fault"
phrase yes "yes" "yes"
phrase no "no" "no"
phrase that-is-right "that is right" "that is right"
# As text, flite spells or stretches these two; as phones it murmurs.
phrase uh-huh "uh-huh" "phones:pau ah hh ah pau"
phrase mm-hmm "mhm" "phones:pau ah m hh ah m pau"
phrase nothing-else "nothing else" "nothing else"
phrase goodbye "goodbye" "goodbye"
phrase no-thank-you "no thank you" "no thank you"
phrase four-seven-one-two "four seven one two" "four, seven, one, two"
phrase agent "agent" "agent"
phrase operator "operator" "operator"
phrase real-person "i want to talk to a real person" "I want to talk to a real person"
phrase complaint "this is ridiculous i want to file a complaint right now" \
    "This is ridiculous, I want to file a complaint right now"
phrase stop "stop" "stop"
phrase say-that-again "say that again" "say that again"
number=0
for digit in zero one two three four five six seven eight nine; do
    phrase "digit-$number" "$digit" "$digit"
    number=$((number + 1))
done
mv "$work/manifest.csv" manifest.csv
