/* Does not say which token is which. */
#define AUTH_LABEL "A card"
#define SIGN_LABEL "A card"
#include "token.h"
