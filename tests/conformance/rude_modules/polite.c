/* Keeps all the rules. */
#include "token.h"
