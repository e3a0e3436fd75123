/* Logs nobody out, has room for two sessions, shows certificates with nothing in them, and has no mechanism of any use (CKM_SHA256). */
#define STAYS_LOGGED_IN 1
#define MOST_SESSIONS 2
#define CERTIFICATE ""
#define MECHANISM 0x250
#include "token.h"
