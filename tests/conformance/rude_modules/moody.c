/* Answers C_GetTokenInfo with the return code in TOKEN_RV, and has no slot while NO_SLOT is set. */
#define IN_TOKEN_INFO if (getenv("TOKEN_RV")) return strtoul(getenv("TOKEN_RV"), NULL, 16);
#define IN_SLOT_LIST if (getenv("NO_SLOT")) return *count = 0, OK;
#include "token.h"
