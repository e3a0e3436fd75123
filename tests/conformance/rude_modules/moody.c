/* Is told by its environment what C_GetTokenInfo returns, whether there are slots and PINs, and what a certificate is. */
#define IN_TOKEN_INFO if (getenv("TOKEN_RV")) return strtoul(getenv("TOKEN_RV"), NULL, 16);
#define IN_SLOT_LIST if (getenv("NO_SLOT")) return *count = 0, OK;
#define FLAGS (getenv("NO_PIN") ? 0x404 : 0x40C)
#define CERTIFICATE_FILE getenv("CERTIFICATE")
#include "token.h"
