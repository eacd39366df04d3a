/* SHA-256, FIPS 180-4. What is cached is found and checked by it. */
#include <string.h>

#include "natives.h"

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void block(uint32_t state[8], const unsigned char *bytes) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) {
    const unsigned char *b = bytes + 4 * i;
    w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
  }
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + w[i - 7] +
           (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
  }
  memcpy(s, state, sizeof s);
  /* Instead of eight words moving by one, the place of the first one moves. */
#define AT(n) s[((n)-i) & 7]
  for (int i = 0; i < 64; i++) {
    uint32_t e = AT(4), a = AT(0);
    uint32_t one = AT(7) + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
                   ((e & AT(5)) ^ (~e & AT(6))) + K[i] + w[i];
    uint32_t two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) +
                   ((a & AT(1)) ^ (a & AT(2)) ^ (AT(1) & AT(2)));
    AT(3) += one;
    AT(7) = one + two;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

int64_t rn_sha256(const void *data, uint64_t length, void *digest, uint64_t size) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  if (size != sizeof state) return -EINVAL;
  const unsigned char *bytes = data;
  uint64_t left = length;
  for (; left >= 64; left -= 64, bytes += 64) block(state, bytes);
  /* The rest, a one bit, and the length in bits at the end of a block. */
  unsigned char last[128] = {0};
  if (left > 0) memcpy(last, bytes, left);
  last[left] = 0x80;
  size_t padded = left < 56 ? 64 : 128;
  for (int i = 0; i < 8; i++) last[padded - 1 - (size_t)i] = (unsigned char)(length * 8 >> 8 * i);
  for (size_t at = 0; at < padded; at += 64) block(state, last + at);
  unsigned char *to = digest;
  for (int i = 0; i < 32; i++) to[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
  return 0;
}
