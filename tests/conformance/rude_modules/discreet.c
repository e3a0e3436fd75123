/* Never shows how many tries are left; the standard lets it. */
#define TELLS_FLAGS 0
#include "token.h"
