"""Prints src/core/source/nfkc_table.c: the NFKC forms of all characters that a Python name may
hold, from this Python's unicodedata."""
import unicodedata

names = [c for c in range(128, 0x110000) if ("a" + chr(c)).isidentifier()]
folded = {c: unicodedata.normalize("NFKC", chr(c)) for c in names}
folded = {c: text for c, text in folded.items() if text != chr(c)}


def runs(pairs, step):
    """Lists (first, count, value) for runs of neighbours whose values grow by step."""
    found = []
    for c, value in pairs:
        if found and c == sum(found[-1][:2]) and value == found[-1][2] + step * found[-1][1]:
            found[-1][1] += 1
        else:
            found.append([c, 1, value])
    return found


def wrap(words):
    line = ""
    for word in words:
        if len(line + word) > 100:
            print(line)
            line = ""
        line += word
    print(line)


def write(kind, name, rows):
    print("const %s %s[] = {" % (kind, name))
    wrap("{%s}," % ",".join(map(str, row)) for row in rows)
    print("};\nconst size_t %s_count = sizeof %s / sizeof *%s;\n" % (name, name, name))


single = runs(((c, ord(t)) for c, t in sorted(folded.items()) if len(t) == 1), 1)
several, texts = [], []
for c, text in sorted(folded.items()):
    if len(text) > 1:
        several.append((c, len(text), len(texts)))
        texts.extend(map(ord, text))
marks = runs(((c, unicodedata.combining(chr(c))) for c in names
              if unicodedata.combining(chr(c))), 0)
pairs = []
for c in range(0x110000):
    parts = unicodedata.decomposition(chr(c)).split()
    if len(parts) == 2 and parts[0][0] != "<" and unicodedata.normalize("NFC", chr(c)) == chr(c):
        pairs.append((int(parts[0], 16), int(parts[1], 16), c))

print("/* Made by src/tools/nfkc.py from Unicode %s. */" % unicodedata.unidata_version)
print('#include "nfkc_table.h"\n')
write("pp_nfkc_run", "pp_nfkc_single", single)
write("pp_nfkc_run", "pp_nfkc_several", several)
write("pp_nfkc_run", "pp_nfkc_class", marks)
write("pp_nfkc_pair", "pp_nfkc_pairs", sorted(pairs))
print("const uint32_t pp_nfkc_texts[] = {")
wrap("%d," % c for c in texts)
print("};")
