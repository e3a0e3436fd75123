/* Is told by its environment what C_GetTokenInfo returns, whether there are slots, and which file its certificates are. */
#define IN_TOKEN_INFO if (getenv("TOKEN_RV")) return strtoul(getenv("TOKEN_RV"), NULL, 16);
#define IN_SLOT_LIST if (getenv("NO_SLOT")) return *count = 0, OK;
#define CERTIFICATE_FILE getenv("CERTIFICATE")
#include "token.h"
