/**
 * Texts that want to do something to a terminal, to a line or to its reader; and texts that only look as
 * if they did, in scripts that need what others abuse.
 *
 * @module
 */

/** As they arrive. Lone surrogates come in JSON only: no UTF-8 carries them. */
export const HOSTILE: Readonly<Record<string, string>> = {
  "CSI: clear the screen": "\x1b[2J\x1b[H",
  "CSI: colours, hidden": "\x1b[31;8mred\x1b[0m",
  "CSI: cursor up, erase the line": "\x1b[3A\x1b[2K<bob> forged",
  "CSI: alternate screen, mouse, paste": "\x1b[?1049h\x1b[?1000h\x1b[?2004h",
  "CSI: report back": "\x1b[6n\x1b[c\x1b[>q",
  "OSC: title": "\x1b]0;MARK\x07",
  "OSC: title, ended by ST": "\x1b]2;MARK\x1b\\",
  "OSC: clipboard": "\x1b]52;c;TUFSSw==\x07",
  "OSC: hyperlink": "\x1b]8;;https://example.com\x1b\\MARK\x1b]8;;\x1b\\",
  "DCS": "\x1bP$qMARK\x1b\\",
  "APC, PM, SOS": "\x1b_MARK\x1b\\\x1b^MARK\x1b\\\x1bXMARK\x1b\\",
  "ESC: reset, character sets": "\x1bc\x1b(0\x1b#8\x1b7\x1b8",
  "ESC at the end": "text\x1b",
  "C1: CSI": "\x9b2J\x9b31m",
  "C1: OSC and DCS": "\x9d0;MARK\x9c\x90MARK\x9c",
  "C1: next line, reverse index": "a\x85b\x8dc",
  "CR: write over": "harmless\rforged",
  "CR LF, LF: another line": "one\r\n<bob> two\n<bob> three",
  "tab, vertical tab, form feed": "a\tb\vc\fd",
  "bell, backspace, NUL, DEL": "a\x07b\b\b\bc\0d\x7fe",
  "shift out, enquiry": "\x0eabc\x0f\x05",
  "bidi: override": "\u202egnp.exe\u202c",
  "bidi: embeddings": "\u202aa\u202bb\u202d",
  "bidi: isolates": "\u2066a\u2067b\u2068c\u2069",
  "bidi: marks": "a\u200eb\u200fc\u061cd",
  "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u034fh\u180ei",
  "a byte order mark first": "\ufefftext",
  "invisible operators": "a\u2061\u2062\u2063\u2064\u206ab\u206f",
  "fillers": "a\u115f\u1160\u3164\uffa0b",
  "Khmer inherent vowels": "\u1780\u17b4\u17b5",
  "Mongolian selectors": "\u182d\u180b\u180c\u180d\u180f",
  "variation selectors": "a\ufe00\ufe0e\ufe0f\u{e0100}",
  "an emoji with selectors in a heap": "\u2764\ufe0f\ufe0f\ufe0e",
  "tags": "a\u{e0001}\u{e0041}\u{e007f}",
  "a flag with tags that are none": "\u{1f3f4}\u{e0068}\u{e0069}\u{e007f}",
  "separators of lines": "a\u2028b\u2029c",
  "annotations": "a\ufff9b\ufffac\ufffb",
  "blanks": "a\u1680b\u2000\u2003\u200ac\u205fd\u2800",
  "format of hieroglyphs, of music": "\u{13000}\u{13430}\u{13001}\u{1d173}",
  "noncharacters": "\ufdd0\uffff\ufffe\u{1fffe}\u{10ffff}",
  "stacked marks":
    "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307a\u0316\u0317\u0318\u0319\u031a",
  "a thousand marks": "a" + "\u0489".repeat(1_000),
  "marks with something hidden between": "a\u0301\u0301\u0301\u200d\u0301\ufe0f\u0301\u034f\u0301",
  "a mark first": "\u0301text",
  "an enclosing mark first": "\u20dd\u20e0",
  "a selector first": "\ufe0ftext",
  "a joiner first": "\u200d\u{1f680}",
  "a mark behind something hidden": "\u200b\u0301\n\u0302",
  "jamo that pile up": "\u1161".repeat(40) + "\u1100\u1161\u11a8" + "\u11a8".repeat(40),
  "very long": "x".repeat(4_096),
  "very long and wide": "漢".repeat(4_096),
  "all blanks": " ".repeat(200),
  "a prompt": "> /quit",
  "backslashes": "\\u001b[2J \\n \\\\",
};

/** Texts of people: they are shown as they are. */
export const HARMLESS: Readonly<Record<string, string>> = {
  "plain": "plain",
  "nothing": "",
  "accents, decomposed": "caffe\u0300 Tie\u0302\u0301ng Vie\u0323\u0302t",
  "CJK": "漢字かな交じり文　ﾊﾝｶｸ 한국어",
  "Hangul jamo": "\u1112\u1161\u11ab\u1100\u1173\u11af",
  "Hebrew with points": "שָׁלוֹם בְּרֵאשִׁית",
  "Arabic": "السلام عليكم، كيف الحال؟",
  "Arabic ligatures": "\ufdfd \ufdfa \ufefb",
  "left and right": "ann אב bob 123 ابج",
  "Devanagari with joiners": "क्\u200dष क्\u200cष",
  "Sinhala with a joiner": "ශ්\u200dරී",
  "Khmer, Thai, Tibetan": "ខ្មែរ ที่นี่ བསྒྲུབས",
  "emoji": "🙂 👍🏽 ☎️ ☎︎ 1️⃣",
  "emoji families": "👩‍🚀 👨‍👩‍👧‍👦 👩🏽‍🤝‍👨🏿 🏳️‍🌈 ❤️‍🔥 🧑🏿‍🦽‍➡️",
  "flags": "🇮🇹🇯🇵 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴‍☠️",
  "typography": "“a” – b… 1\u00a0000\u202f€ −5°",
  "private use": "\ue000 \u{f0000}",
  "number signs": "\u0600\u0661",
};

/** The same as names that a client takes from a registry: no `:`, 40 code points at most. */
export const HOSTILE_NAMES: readonly string[] = Object.values(HOSTILE)
  .map((text) => Array.from(text.replaceAll(":", ";")).slice(0, 40).join(""));

/** JSON with half of a surrogate pair: what a datagram or a program can bring. */
export const HOSTILE_JSON: readonly string[] = [
  String.raw`"\ud83d"`,
  String.raw`"\ude00\ud83d"`,
  String.raw`"a\ud83d\u200d\ude80b"`,
  String.raw`"\udbff\u0301"`,
];
