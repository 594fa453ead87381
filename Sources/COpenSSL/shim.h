// What Swift cannot import, as static inlines: function-like macros of OpenSSL, variadics of the system.
#ifndef LETHE_COPENSSL_SHIM_H
#define LETHE_COPENSSL_SHIM_H

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static inline void *lethe_secure_malloc(size_t count) {
  return CRYPTO_secure_zalloc(count, "lethe", 0);
}

static inline void lethe_secure_clear_free(void *pointer, size_t count) {
  CRYPTO_secure_clear_free(pointer, count, "lethe", 0);
}

// Answers 1 once neither core dumps nor tracers of the same user can read this process.
static inline int lethe_forbid_dumps(void) {
#ifdef __linux__
  return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
#else
  return 0;
#endif
}

#endif
