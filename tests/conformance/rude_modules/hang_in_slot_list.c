/* Waits for ever when it is asked for its slots. */
#define IN_SLOT_LIST for (;;) pause();
#include "token.h"
