#include "source/decode.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_SIZE = 64 };

size_t pp_decode_valid(const char *text, size_t length) {
  const uint8_t *bytes = (const uint8_t *)text;
  size_t at = 0;
  while (at < length) {
    uint64_t eight;
    while (at + 8 <= length) {
      memcpy(&eight, bytes + at, 8);
      if (eight & 0x8080808080808080u) break;
      at += 8;
    }
    if (at == length) break;
    uint8_t first = bytes[at];
    if (first < 0x80) {
      at++;
      continue;
    }
    unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    /* The range of the second byte excludes overlong forms, surrogates and too large characters. */
    uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (first < 0xC2 || first > 0xF4 || at + more >= length) return at;
    if (bytes[at + 1] < low || bytes[at + 1] > high) return at;
    for (unsigned i = 2; i <= more; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) return at;
    }
    at += more + 1;
  }
  return length;
}

static size_t line_end(const char *text, size_t length, size_t at) {
  while (at < length && text[at] != '\n' && text[at] != '\r') at++;
  return at;
}

/* Finds the encoding that the first or the second line declares; false: none. */
static bool find_cookie(const pp_buffer *text, size_t at, pp_patterns *patterns, char *name,
                        size_t *cookie_at) {
  for (int line = 0; line < 2; line++) {
    size_t end = line_end(text->data, text->length, at), first = at;
    while (first < end && strchr(" \t\f", text->data[first]) != NULL) first++;
    if (first < end && text->data[first] != '#') return false;
    if (end > first && memmem(text->data + first, end - first, "coding", 6) != NULL) {
      size_t begin = 0, stop = 0;
      if (pp_patterns_end(patterns, PP_PATTERN_COOKIE, text->data, end, at, &begin, &stop) != at) {
        size_t length = stop - begin < NAME_SIZE - 1 ? stop - begin : NAME_SIZE - 1;
        memcpy(name, text->data + begin, length);
        name[length] = '\0';
        *cookie_at = begin;
        return true;
      }
    }
    at = end + (end + 1 < text->length && text->data[end] == '\r' && text->data[end + 1] == '\n')
      + 1;
    if (at > text->length) return false;
  }
  return false;
}

/* Makes letters lower case, and one '-' of all characters between letters, digits and dots, as
 * Python compares the names of encodings. */
static void normalise(const char *name, char *normal) {
  size_t length = 0;
  for (; *name != '\0'; name++) {
    char c = (char)tolower((unsigned char)*name);
    bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
    if (kept) normal[length++] = c;
    else if (length > 0 && normal[length - 1] != '-') normal[length++] = '-';
  }
  while (length > 0 && normal[length - 1] == '-') length--;
  normal[length] = '\0';
}

static bool begins(const char *name, const char *stem) {
  size_t length = strlen(stem);
  return strncmp(name, stem, length) == 0 && (name[length] == '\0' || name[length] == '-');
}

/* iconv's name for an encoding of Python, which may be the same. NULL: only Python knows the
 * encoding; we then take the bytes as they are, since all that matters in them is ASCII. An entry
 * that ends in `-` is for all names that continue after it, too. */
static const char *iconv_name(const char *name, char *room, size_t size) {
  static const char *const names[][2] = {
    { "latin-1-", "ISO-8859-1" }, { "iso-8859-1-", "ISO-8859-1" }, { "8859", "ISO-8859-1" },
    { "iso-latin-1-", "ISO-8859-1" }, { "latin", "ISO-8859-1" }, { "iso8859", "ISO-8859-1" },
    { "cp819", "ISO-8859-1" }, { "l9", "ISO-8859-15" }, { "elot-928", "ISO-8859-7" },
    { "thai", "ISO-8859-11" }, { "tis-620-", "TIS-620" }, { "646", "ASCII" },
    { "ansi-x3", "ASCII" }, { "ansi-x3.4-", "ASCII" }, { "ansi-x3-4-", "ASCII" },
    { "iso-646.irv-1991", "ASCII" },
    /* 0x5C is a backslash for Python, but for iconv only in Microsoft's variant. */
    { "shift-jis", "CP932" }, { "shiftjis", "CP932" }, { "sjis", "CP932" }, { "s-jis", "CP932" },
    { "csshiftjis", "CP932" }, { "ms932", "CP932" }, { "mskanji", "CP932" },
    { "ms-kanji", "CP932" }, { "x-mac-japanese", "CP932" }, { "shift-jis-2004", NULL },
    { "shift-jisx0213", NULL }, { "shiftjis2004", NULL }, { "s-jis-2004", NULL },
    { "s-jisx0213", NULL }, { "sjis-2004", NULL }, { "sjisx0213", NULL },
    { "ujis", "EUC-JP" }, { "u-jis", "EUC-JP" }, { "euc-jis-2004", "EUC-JISX0213" },
    { "euc-jis2004", "EUC-JISX0213" }, { "eucjis2004", "EUC-JISX0213" },
    { "eucjisx0213", "EUC-JISX0213" }, { "jisx0213", "EUC-JISX0213" },
    { "iso2022-jp-", "ISO-2022-JP-3" }, { "iso2022jp-", "ISO-2022-JP-3" },
    { "iso-2022-jp-", "ISO-2022-JP-3" }, { "iso2022-kr", "ISO-2022-KR" },
    { "gb2312-", "EUC-CN" }, { "chinese", "EUC-CN" }, { "csiso58gb231280", "EUC-CN" },
    { "iso-ir-58", "EUC-CN" }, { "eucgb2312-cn", "EUC-CN" }, { "x-mac-simp-chinese", "EUC-CN" },
    { "gb18030-2000", "GB18030" }, { "hz", NULL }, { "hzgb", NULL }, { "hz-gb-", NULL },
    { "big5-tw", "BIG5" }, { "csbig5", "BIG5" }, { "ms950", "CP950" }, { "hkscs", "BIG5-HKSCS" },
    { "x-mac-trad-chinese", "BIG5" }, { "korean", "EUC-KR" }, { "ks-c-5601-", "EUC-KR" },
    { "ks-x-1001", "EUC-KR" }, { "ksc5601", "EUC-KR" }, { "ksx1001", "EUC-KR" },
    { "x-mac-korean", "EUC-KR" }, { "ms949", "CP949" }, { "ms1361", "JOHAB" },
    { "mac-roman", "MACINTOSH" }, { "macroman", "MACINTOSH" }, { "mac-cyrillic", "MAC-CYRILLIC" },
    { "mac-", NULL }, { "maccentraleurope", NULL }, { "macgreek", NULL }, { "maciceland", NULL },
    { "maclatin2", NULL }, { "macturkish", NULL }, { "cp1051", NULL }, { "ibm1051", NULL },
    { "ibm1125", "CP1125" }, { "cp866u", "CP1125" }, { "cp154", NULL }, { "ptcp154", NULL },
    { "csptcp154", NULL }, { "cyrillic-asian", NULL }, { "kz-1048", NULL }, { "kz1048", NULL },
    { "cp-is", "CP861" }, { "csibm861", "CP861" }, { "csibm858", "CP858" },
    { "utf7", "UTF-7" }, { "u7", "UTF-7" }, { "unicode-1-1-utf-7", "UTF-7" },
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = strlen(names[i][0]);
    bool open = names[i][0][length - 1] == '-';
    bool same = open ? strncmp(names[i][0], name, length - 1) == 0 &&
                         (name[length - 1] == '\0' || name[length - 1] == '-')
                     : strcmp(names[i][0], name) == 0;
    if (same) return names[i][1];
  }
  size_t digits = strspn(name, "0123456789");
  if (digits > 0 && name[digits] == '\0') {
    snprintf(room, size, "CP%s", name);
    return room;
  }
  /* In iso-8859-2-1987 the last part is the year of the standard. */
  snprintf(room, size, "%s", name);
  if (strncmp(room, "iso-8859-", 9) == 0 && strchr(room + 9, '-') != NULL) {
    *strchr(room + 9, '-') = '\0';
  }
  return room;
}

static bool is_utf8(const char *name) {
  static const char *const names[] = { "utf8", "u8", "utf", "cp65001", "utf8-ucs2", "utf8-ucs4" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i]) == 0) return true;
  }
  return begins(name, "utf-8");
}

/* Is ASCII something else in this encoding? Then the declaration itself is no comment any more. */
static bool is_foreign(const char *name) {
  static const char *const stems[] = { "csibm", "ibm", "cp", "" };
  static const char *const pages[] = { "037", "039", "1026", "1140", "273", "424", "500", "875" };
  if (strncmp(name, "ebcdic-cp-", 10) == 0) return true;
  size_t i = 0;
  while (strncmp(name, stems[i], strlen(stems[i])) != 0) i++;
  for (size_t j = 0; j < sizeof pages / sizeof *pages; j++) {
    if (strcmp(name + strlen(stems[i]), pages[j]) == 0) return true;
  }
  return false;
}

static bool is_wide(const char *name) {
  return begins(name, "utf-16") || begins(name, "utf-32") || begins(name, "ucs-2") ||
    begins(name, "ucs-4") || begins(name, "utf-16le") || begins(name, "utf-16be") ||
    strcmp(name, "utf16") == 0 || strcmp(name, "utf32") == 0;
}

static void wrong(pp_decoded *decoded, size_t at, const char *message, const char *name) {
  decoded->wrong = true;
  decoded->at = at;
  snprintf(decoded->message, sizeof decoded->message, message, name);
}

/* False: no memory. */
static bool convert(pp_buffer *text, const char *name, size_t padding, pp_decoded *decoded) {
  char own[NAME_SIZE + 8];
  const char *other = iconv_name(name, own, sizeof own);
  decoded->converted = other == NULL;
  if (other == NULL) return true;
  iconv_t converter = iconv_open("UTF-8", other);
  if (converter == (iconv_t)-1) {
    if (errno == ENOMEM) return false;
    wrong(decoded, decoded->at, "unknown encoding '%s'", name);
    return true;
  }
  pp_buffer made = { 0 };
  char *from = text->data + decoded->begin;
  size_t left = text->length - decoded->begin;
  bool good = true, all_ascii = strcasecmp(other, "UTF-7") == 0;
  for (;;) {
    if (!(good = pp_buffer_reserve(&made, left * 2 + 64))) break;
    char *to = made.data + made.length;
    size_t room = made.capacity - made.length;
    size_t done = iconv(converter, &from, &left, &to, &room);
    made.length = made.capacity - room;
    if (done != (size_t)-1) break;
    if (errno == E2BIG) continue;
    /* Python keeps all of ASCII in these encodings; iconv rejects form feeds and backslashes. */
    if (all_ascii && errno == EILSEQ && (*from & 0x80) == 0) {
      made.data[made.length++] = *from++;
      left--;
      continue;
    }
    wrong(decoded, (size_t)(from - text->data), "not '%s', the declared encoding", name);
    break;
  }
  iconv_close(converter);
  if (good && !decoded->wrong) {
    text->length = 0;
    good = pp_buffer_reserve(text, made.length + padding) &&
      pp_buffer_add(text, made.data, made.length);
    decoded->begin = 0;
    decoded->converted = true;
  }
  pp_buffer_free(&made);
  return good;
}

bool pp_decode(pp_buffer *text, pp_patterns *patterns, size_t padding, pp_decoded *decoded) {
  *decoded = (pp_decoded){ 0 };
  bool marked = text->length >= 3 && memcmp(text->data, "\xEF\xBB\xBF", 3) == 0;
  if (marked) decoded->begin = 3;
  char cookie[NAME_SIZE], name[NAME_SIZE];
  size_t at = 0;
  if (!find_cookie(text, decoded->begin, patterns, cookie, &at)) return true;
  normalise(cookie, name);
  if (is_utf8(name)) return true;
  decoded->at = at;
  if (marked) {
    wrong(decoded, at, "encoding '%s' after a byte order mark of UTF-8", name);
    return true;
  }
  if (is_wide(name) || is_foreign(name)) {
    wrong(decoded, at, "'%s' cannot be the encoding of source", name);
    return true;
  }
  return convert(text, name, padding, decoded);
}
