/* Wants a login for every use of a key, as CKA_ALWAYS_AUTHENTICATE says, and hashes by itself (CKM_SHA256_RSA_PKCS). */
#define ASKS_AGAIN 1
#define MECHANISM 0x40
#include "token.h"
