/* Never shows how many tries are left, and the standard lets it; its certificates are CAs'. */
#define TELLS_FLAGS 0
#define CATEGORY 2
#include "token.h"
