/* Logs nobody out, shows certificates with nothing in them, and has no mechanism of any use (CKM_SHA256). */
#define STAYS_LOGGED_IN 1
#define CERTIFICATE ""
#define MECHANISM 0x250
#include "token.h"
