// What Swift cannot import from OpenSSL's headers: function-like macros, as static inlines.
#ifndef LETHE_COPENSSL_SHIM_H
#define LETHE_COPENSSL_SHIM_H

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

static inline void *lethe_secure_malloc(size_t count) {
  return CRYPTO_secure_zalloc(count, "lethe", 0);
}

static inline void lethe_secure_clear_free(void *pointer, size_t count) {
  CRYPTO_secure_clear_free(pointer, count, "lethe", 0);
}

#endif
