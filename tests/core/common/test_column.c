#include <stdlib.h>
#include <zlib.h>

#include "check.h"
#include "pyprof/column.h"

static int digit(char c) {
  const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *at = strchr(digits, c);
  return at == NULL ? 0 : (int)(at - digits);
}

/* The bytes of base64 up to the quote, inflated if `packed`. The caller frees them. */
static unsigned char *decode(const char *text, bool packed, size_t size) {
  size_t length = strcspn(text, "\""), count = 0;
  unsigned char *bytes = malloc(length + 3);
  for (size_t i = 0; i + 4 <= length; i += 4) {
    unsigned group = (unsigned)digit(text[i]) << 18 | (unsigned)digit(text[i + 1]) << 12 |
                     (unsigned)digit(text[i + 2]) << 6 | (unsigned)digit(text[i + 3]);
    for (int k = 0; k < 3; k++) bytes[count++] = (unsigned char)(group >> (16 - 8 * k));
  }
  if (!packed) return bytes;
  unsigned char *text_out = malloc(size + 1);
  uLongf room = (uLongf)size;
  CHECK(uncompress(text_out, &room, bytes, (uLong)count) == Z_OK && room == size);
  free(bytes);
  return text_out;
}

static const char *data_of(pp_buffer *json) {
  CHECK(pp_buffer_add_byte(json, '\0'));
  const char *at = strstr(json->data, "\"data\":\"");
  CHECK(at != NULL);
  return at + 8;
}

static void test_types_are_the_narrowest(void) {
  static const struct { uint64_t most; const char *head; } cases[] = {
    {255, "{\"type\":\"u8\",\"n\":2,\"z\":0,"},        {256, "{\"type\":\"u16\",\"n\":2,"},
    {65535, "{\"type\":\"u16\",\"n\":2,"},            {65536, "{\"type\":\"u32\",\"n\":2,"},
    {UINT32_MAX, "{\"type\":\"u32\",\"n\":2,"},       {UINT64_C(1) << 32, "{\"type\":\"f64\",\"n\":2,"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pp_buffer json = {0};
    pp_error error;
    uint64_t values[2] = {1, cases[i].most};
    CHECK(pp_column_of_u64(values, 2, &json, &error) == PP_OK);
    CHECK(strncmp(json.data, cases[i].head, strlen(cases[i].head)) == 0);
    CHECK(json.data[json.length - 1] == '}');
    pp_buffer_free(&json);
  }
}

/* All lengths around the limit from which bytes are deflated. */
static void test_columns_come_back(void) {
  for (size_t count = PP_COLUMN_DEFLATED / 2 - 4; count < PP_COLUMN_DEFLATED / 2 + 4; count++) {
    uint32_t *values = malloc(count * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = (uint32_t)(i * 7919 % 65536);
    values[0] = 65535;
    pp_buffer json = {0};
    pp_error error;
    CHECK(pp_column_of_u32(values, count, &json, &error) == PP_OK);
    bool packed = memmem(json.data, json.length, "\"z\":1", 5) != NULL;
    CHECK(packed == (count * 2 >= PP_COLUMN_DEFLATED));
    unsigned char *bytes = decode(data_of(&json), packed, count * 2);
    for (size_t i = 0; i < count; i++) {
      uint16_t value;
      memcpy(&value, bytes + 2 * i, 2);
      CHECK(value == values[i]);
    }
    free(bytes);
    pp_buffer_free(&json);
    free(values);
  }
}

static void test_fractions_come_back(void) {
  double values[3] = {0.1, -2, 1e300};
  pp_buffer json = {0};
  pp_error error;
  CHECK(pp_column_of_f64(values, 3, &json, &error) == PP_OK);
  unsigned char *bytes = decode(data_of(&json), false, sizeof values);
  CHECK(memcmp(bytes, values, sizeof values) == 0);
  free(bytes);
  pp_buffer_free(&json);
}

static void test_no_values(void) {
  pp_buffer json = {0};
  pp_error error;
  CHECK(pp_column_of_u32(NULL, 0, &json, &error) == PP_OK);
  CHECK(strcmp("{\"type\":\"u8\",\"n\":0,\"z\":0,\"data\":\"\"}",
               (pp_buffer_add_byte(&json, '\0'), json.data)) == 0);
  pp_buffer_free(&json);
}

static void test_base64_of_each_rest(void) {
  static const char *const texts[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
  static const char *const expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=",
                                         "Zm9vYmFy"};
  for (size_t i = 0; i < 7; i++) {
    pp_buffer base64 = {0};
    pp_error error;
    CHECK(pp_column_base64(texts[i], strlen(texts[i]), &base64, &error) == PP_OK);
    CHECK(base64.length == strlen(expected[i]) &&
          (base64.length == 0 || memcmp(base64.data, expected[i], base64.length) == 0));
    pp_buffer_free(&base64);
  }
}

int main(void) {
  RUN(test_types_are_the_narrowest);
  RUN(test_columns_come_back);
  RUN(test_fractions_come_back);
  RUN(test_no_values);
  RUN(test_base64_of_each_rest);
  FINISH();
}
