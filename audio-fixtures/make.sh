#!/bin/sh
# Makes the phrases of this folder, manifest.csv and words.csv anew.
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

# How long the silence is that `to_telephone` cuts off before a sound, in seconds.
lead_of() {
    sox -D "$1" -r 8000 -c 1 -b 16 "$work/whole.wav" gain -6 rate -h 8000 highpass 120 norm -6
    sox -D "$work/whole.wav" "$work/cut.wav" silence 1 0.005 0.3%
    echo "$(soxi -D "$work/whole.wav") $(soxi -D "$work/cut.wav")" | awk '{ print $1 - $2 }'
}

# The phones of a text, one a line with the time at which it ends; no pauses. $1 voice, $2 text.
phones() {
    flite -voice "$1" --setf duration_stretch="$(stretch_of "$1")" -psdur -t "$2" -o "$work/said.wav" |
        tr ' ' '\n' | grep ':' | grep -v '^pau:'
}

# Like `phrase`, and writes into words.csv when a word of it has been said: $4 is the word, and
# $5 what is said up to it and with it, as the voice is told; $6 what it is: `demand`, one `ask`,
# or `asks`, three.
sentence() {
    phrase "$1" "$2" "$3"
    for voice in $voices; do
        sounds=$(phones "$voice" "$5" | wc -l)
        end=$(phones "$voice" "$3" | sed -n "${sounds}p" | cut -d: -f2)
        flite -voice "$voice" --setf duration_stretch="$(stretch_of "$voice")" \
            -t "$3" -o "$work/raw.wav"
        lead=$(lead_of "$work/raw.wav")
        echo "$end $lead" | awk -v path="$voice/$1.wav" -v word="$4" -v kind="$6" \
            '{ printf "%s,%s,%s,%d\n", path, word, kind, ($1 - $2 + 0.02) * 1000 }' >>"$work/words.csv"
    done
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
echo "path,word,kind,end_ms" >"$work/words.csv"
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
sentence complaint "this is ridiculous i want to file a complaint right now" \
    "This is ridiculous, I want to file a complaint right now" \
    complaint "This is ridiculous, I want to file a complaint" demand
sentence lawyer "if this goes on you will hear from my lawyer next week" \
    "If this goes on, you will hear from my lawyer next week" \
    lawyer "If this goes on, you will hear from my lawyer" demand
sentence compensation "you broke my printer and i want compensation for all of it" \
    "You broke my printer, and I want compensation for all of it" \
    compensation "You broke my printer, and I want compensation" demand
sentence sue "i have had enough of this and i will sue you people" \
    "I have had enough of this, and I will sue you people" \
    sue "I have had enough of this, and I will sue" demand
sentence complain "nobody listens to me so where do i complain about all this" \
    "Nobody listens to me, so where do I complain about all this" \
    complain "Nobody listens to me, so where do I complain" demand
sentence ombudsman "three weeks without an answer i will tell the ombudsman about you" \
    "Three weeks without an answer, I will tell the ombudsman about you" \
    ombudsman "Three weeks without an answer, I will tell the ombudsman" demand
sentence talk-to-a-human "listen to me i just want to talk to a human now please" \
    "Listen to me, I just want to talk to a human now please" \
    human "Listen to me, I just want to talk to a human" ask
sentence human "human" "human" human "human" ask
sentence human-human-human "human human human" "human, human, human" \
    human "human, human, human" asks
phrase bring-my-dog "can i bring my dog to the shop" "Can I bring my dog to the shop"
phrase do-you-repair "do you repair old radios too" "Do you repair old radios too"
phrase printer-is-broken "my printer has been broken for two weeks now" \
    "My printer has been broken for two weeks now"
phrase i-can-wait "all right then i will wait" "All right then, I will wait"
phrase this-is-the-desk "good morning this is the service desk how can i help" \
    "Good morning, this is the service desk, how can I help"
phrase i-will-look "one moment please i will look it up for you" \
    "One moment please, I will look it up for you"
phrase stop "stop" "stop"
phrase say-that-again "say that again" "say that again"
number=0
for digit in zero one two three four five six seven eight nine; do
    phrase "digit-$number" "$digit" "$digit"
    number=$((number + 1))
done
mv "$work/manifest.csv" manifest.csv
mv "$work/words.csv" words.csv

# Hold music: eight chords of sine tones, each struck softly and let fade, so that the
# loop of 9.6 s has no step.
music() {
    number=0
    for chord in "C4 E4 G4" "A3 C4 E4" "F3 A3 C4" "G3 B3 D4" "E3 G3 B3" "A3 C4 E4" "D3 F3 A3" "G3 B3 D4"; do
        number=$((number + 1))
        # shellcheck disable=SC2086  # three tones, one a channel
        set -- $chord
        sox -D -n -r 8000 -b 16 "$work/chord-$number.wav" \
            synth 1.2 sine "$1" sine "$2" sine "$3" remix - \
            fade h 0.06 1.2 0.9 norm -18
    done
    sox -D "$work"/chord-?.wav music.wav
}
music
