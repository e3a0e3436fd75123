/* Has a token in another reader, too. */
#define READER(slot) ((slot) ? "Another reader 00 00" : "A reader 00 00")
#include "token.h"
